# Debian's grep: its matcher is full of jump tables.
. "$TOP/tests/lib.sh"
program=$(realpath "$(command -v grep)")
everything "$program"
seq 1 20000 >numbers
cat "$TOP"/src/*/*.h >text
same fixed "$program" -F 77 numbers
same basic "$program" -n '^\(1\)2*\1$' numbers
same extended "$program" -Eo '(struct|enum) [a-z_]+' text
same perl "$program" -Po '(?<=struct )\w+' text
same count "$program" -c -i MCT text
same context "$program" -A2 -B1 -w arena text
same nothing "$program" no-such-text numbers
same wrong "$program" -E '(' text
counted 1000
