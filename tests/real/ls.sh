# Debian's ls.
. "$TOP/tests/lib.sh"
program=$(realpath "$(command -v ls)")
everything "$program"
mkdir tree tree/a tree/b
touch tree/a/one tree/b/two 'tree/b/with space'
ln -s one tree/a/link
same long "$program" -la --time-style=+ tree
same recursive "$program" -R --color=always tree
same sorted "$program" -lS /usr/lib
same inodes "$program" -i -Q tree/b
same missing "$program" tree no-such-folder
same usage "$program" --sort=wrong
counted 100
