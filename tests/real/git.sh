# Debian's git: large, runs itself, forks, threads.
. "$TOP/tests/lib.sh"
need git
program=$(realpath "$(command -v git)")
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null HOME=$PWD
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=a
export GIT_COMMITTER_EMAIL=a@a GIT_AUTHOR_DATE='1000000000 +0000'
export GIT_COMMITTER_DATE='1000000000 +0000' GIT_PAGER=cat
everything "$program"
for kind in before after; do
    mkdir $kind
    file=$program
    [ $kind = before ] || file=$PWD/git.inst
    (
        cd $kind || exit
        run() { as git "$file" "$@"; }
        run init -q -b main
        cp "$TOP"/src/*/*.h .
        run add .
        run commit -q -m first
        sed -i 's/struct/STRUCT/' ./*.h
        run diff --stat
        run commit -q -a -m second
        run checkout -q -b side HEAD~1
        echo text >more
        run add more
        run commit -q -m third
        run merge -q -m merged main
        run log --graph --oneline --stat
        run gc -q --prune=now
        run fsck --strict
        run grep -n STRUCT
        run blame base.h
        run rev-parse HEAD HEAD^{tree}
        run no-such-command
        echo status $?
    ) >$kind.txt 2>&1
done
if cmp -s before.txt after.txt; then
    ok session
else
    fail session "$(diff before.txt after.txt | head -5)"
fi
as git ./git.inst -C after log --stat >log.out
note_calls git
counted 10000
