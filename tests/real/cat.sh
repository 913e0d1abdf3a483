# Debian's cat.
. "$TOP/tests/lib.sh"
program=$(realpath "$(command -v cat)")
everything "$program"
seq 1 2000 >numbers
printf 'tab\there\001\n\n\n\nend' >odd
printf 'from input\n' >input
same file "$program" numbers
same number "$program" -n numbers odd
same visible "$program" -A -s odd
same input "$program" - odd
same missing "$program" no-such-file odd
same usage "$program" --no-such-option
same version "$program" --version
counted 10
