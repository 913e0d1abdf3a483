# Debian's bash: signals, forks, longjmp.
. "$TOP/tests/lib.sh"
program=$(realpath "$(command -v bash)")
everything "$program"
cat >work.sh <<'END'
fib() { if (($1 < 2)); then echo $1; else
    echo $(($(fib $(($1 - 1))) + $(fib $(($1 - 2))))); fi; }
fib 6
declare -A map; for w in a b a c a; do map[$w]=$((${map[$w]:-0} + 1)); done
for k in a b c; do echo "$k ${map[$k]}"; done
trap 'echo got USR1' USR1; kill -USR1 $$
seq 1 100 | while read -r n; do ((n % 33)) || echo $n; done
(exit 7); echo $?
sleep 0.05 & wait $!; echo waited
case abc in a*) echo match ;; esac
[[ "x12" =~ ^x([0-9]+)$ ]] && echo ${BASH_REMATCH[1]}
cat <<< "here"
no_such_command_anywhere
exit 4
END
same script "$program" work.sh
same text "$program" -c 'echo ${#BASH_VERSION} | tr 0-9 n; shopt -q extglob'
same syntax "$program" -c 'if then'
counted 10000
