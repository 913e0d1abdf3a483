# Debian's gzip: time in few functions, hand-written loops.
. "$TOP/tests/lib.sh"
program=$(realpath "$(command -v gzip)")
everything "$program"
cat "$TOP"/src/*/*.[ch] >text
cp text input
same best "$program" -9nc text
same fast "$program" -1nc text
same stream "$program" -n
"$program" -nc text >text.gz
same back "$program" -dc text.gz
same list "$program" -lv text.gz
head -c 3000 text.gz >short.gz
same truncated "$program" -t short.gz
same missing "$program" -c nothing
counted 100
