# Where the members of types lie: as gcc says, whether the script declares the
# types itself or finds them in the program's debug information.
. "$TOP/tests/lib.sh"
need gcc

cat > types.h <<'END'
enum color { RED, GREEN = 5 };
typedef struct list list_t;
struct flags { unsigned a : 3; int b : 5; long long c : 40; };
struct list {
    list_t *next;
    char name[13];
    enum color color;
    union { int i; double d; short s[3]; } u;
    struct { char one; struct flags f; };
    int grid[2][3];
    int (*call)(int, char *);
    unsigned char raw;
    const char *text;
    long double wide;
};
struct bits {
    char c; int a : 3; unsigned b : 7; int : 0; long wide : 40;
    unsigned char t : 8; int : 5; int last : 20; short rest;
};
union both { struct bits in; int n : 3; char text[25]; };
typedef int matrix_t[2][3];
struct holder { matrix_t m; struct { short s; char c; } pair[3]; float f; };
END
cat > expressions <<'END'
sizeof (struct list)
sizeof (struct flags)
sizeof (struct bits)
sizeof (union both)
sizeof (struct holder)
sizeof (list_t *[3])
sizeof (int (*)[4])
sizeof (matrix_t)
offsetof(struct list, color)
offsetof(struct list, u)
offsetof(struct list, one)
offsetof(struct list, f)
offsetof(struct list, grid)
offsetof(struct list, call)
offsetof(struct list, text)
offsetof(struct list, wide)
offsetof(struct bits, rest)
offsetof(struct holder, pair)
offsetof(struct holder, f)
sizeof (((struct list *)0)->grid[1])
sizeof (((struct list *)0)->name)
sizeof (enum color)
END

{
    printf '#include <stddef.h>\n#include <stdio.h>\n#include "types.h"\n'
    printf 'struct list a; struct bits b; union both c; struct holder d;\n'
    printf 'int main(void) {\n'
    sed 's/.*/printf("%zu\\n", (size_t)(&));/' expressions
    printf 'return 0; }\n'
} > program.c
gcc -g -O0 -w -o program program.c && ./program > expected

# The constants that a script's expressions became.
values() {
    {
        echo 'nothing:entry {'
        awk '{ printf "    v%d = %s;\n", NR, $0 }' expressions
        echo '}'
    } | cat "$@" - > script.d
    "$MCTRACE" instrument -Z --dump=ir --binary=program --output=out \
        --var-mapping=map --persistence-file=telemetry --script=script.d |
        sed -n 's/.*(assign\.[iu]64:v[0-9]* const\.[iu]64:\([0-9]*\))/\1/p
                s/.*(assign\.i32:v[0-9]* const\.i32:\([0-9]*\))/\1/p'
}

check() {
    if cmp -s expected found; then
        echo "ok $1"
    else
        echo "FAIL $1: $(paste -d' ' expressions expected found |
            awk '$(NF - 1) != $NF' | head -3)"
    fi
}

values types.h > found
check declared
values /dev/null > found
check of_the_program
