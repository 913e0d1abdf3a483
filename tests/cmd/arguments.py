# Makes by chance a program whose functions say what they were given and what
# they returned, and a script that says the same of args[].
#
#     arguments.py MACHINE SEED OPTION...      ./program.c, ./script.d
#
# Options: "plain" leaves out what only one compiler has, or passes as it likes;
# "alone" what needs the C library to be printed.
import random
import sys

machine, seed, options = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
plain, alone = "plain" in options, "alone" in options
chance = random.Random(seed)
wide = machine in ("x86_64", "aarch64", "riscv64")
FUNCTIONS, SEEN = 40, 10

INTEGERS = {
    "signed char": ("%d", -128, 127), "unsigned char": ("%u", 0, 255),
    "short": ("%d", -2**15, 2**15 - 1), "unsigned short": ("%u", 0, 2**16 - 1),
    "int": ("%d", -2**31 + 1, 2**31 - 1), "unsigned": ("%u", 0, 2**32 - 1),
    "long long": ("%lld", -2**63 + 1, 2**63 - 1),
    "unsigned long long": ("%llu", 0, 2**64 - 1),
    "long": ("%ld", -2**31 + 1, 2**31 - 1), "_Bool": ("%d", 0, 1),
    "enum color": ("%d", 0, 2),
}
FLOATS = {"float": "%f", "double": "%f"}
if not alone:
    FLOATS["long double"] = "%Lf"
COMPLEX = ["_Complex " + kind for kind in FLOATS]

# Name: declaration, and the parts that are shown: a path and its type. Where
# two paths share memory one is.
STRUCTURES = {
    "s_c": ("struct { signed char c; }", [("c", "signed char")]),
    "s_sc": ("struct { short s; signed char c; }",
             [("s", "short"), ("c", "signed char")]),
    "s_c3": ("struct { signed char c[3]; }",
             [("c[0]", "signed char"), ("c[2]", "signed char")]),
    "s_i2": ("struct { int a, b; }", [("a", "int"), ("b", "int")]),
    "s_l": ("struct { long long n; }", [("n", "long long")]),
    "s_cl": ("struct { signed char c; long long n; }",
             [("c", "signed char"), ("n", "long long")]),
    "s_i3": ("struct { int a, b, c; }",
             [("a", "int"), ("b", "int"), ("c", "int")]),
    "s_l2": ("struct { long long a, b; }",
             [("a", "long long"), ("b", "long long")]),
    "s_l3": ("struct { long long a, b, c; }",
             [("a", "long long"), ("c", "long long")]),
    "s_f": ("struct { float f; }", [("f", "float")]),
    "s_d": ("struct { double d; }", [("d", "double")]),
    "s_f2": ("struct { float a, b; }", [("a", "float"), ("b", "float")]),
    "s_f3": ("struct { float v[3]; }",
             [("v[0]", "float"), ("v[1]", "float"), ("v[2]", "float")]),
    "s_f4": ("struct { struct { float x; } a; float y, z, w; }",
             [("a.x", "float"), ("y", "float"), ("w", "float")]),
    "s_d2": ("struct { double a, b; }", [("a", "double"), ("b", "double")]),
    "s_d3": ("struct { double a, b, c; }", [("a", "double"), ("c", "double")]),
    "s_d4": ("struct { double v[4]; }", [("v[0]", "double"), ("v[3]", "double")]),
    "s_d5": ("struct { double v[5]; }", [("v[0]", "double"), ("v[4]", "double")]),
    "s_fi": ("struct { float f; int i; }", [("f", "float"), ("i", "int")]),
    "s_if": ("struct { int i; float f; }", [("i", "int"), ("f", "float")]),
    "s_df": ("struct { double d; float f; }", [("d", "double"), ("f", "float")]),
    "s_dl": ("struct { double d; long long n; }",
             [("d", "double"), ("n", "long long")]),
    "s_fc": ("struct { float f; signed char c; }",
             [("f", "float"), ("c", "signed char")]),
    "s_fii": ("struct { float f; int i, j; }",
              [("f", "float"), ("i", "int"), ("j", "int")]),
    "s_nest": ("struct { struct { float x[1]; } a; struct { float y; } b[1]; }",
               [("a.x[0]", "float"), ("b[0].y", "float")]),
    "s_arr": ("struct { short v[5]; }", [("v[0]", "short"), ("v[4]", "short")]),
    "s_big": ("struct { int v[20]; }",
              [("v[0]", "int"), ("v[3]", "int"), ("v[19]", "int")]),
    "s_p": ("struct { int *p; float f; }", [("*p", "int"), ("f", "float")]),
    "u_fi": ("union { float f; int i; }", [("i", "int")]),
    "u_dl": ("union { double d; long long n; }", [("d", "double")]),
    "u_d2": ("union { double d; struct { float a, b; } s; }",
             [("s.a", "float"), ("s.b", "float")]),
    "u_ff": ("union { float f; float v[2]; }",
             [("v[0]", "float"), ("v[1]", "float")]),
    "s_bits": ("struct { int a : 5; unsigned b : 11; int c : 16; }",
               [("a", ":5"), ("b", ":u11"), ("c", ":16")]),
    "s_fb": ("struct { float f; int b : 7; }", [("f", "float"), ("b", ":7")]),
    "s_lb": ("struct { long long a : 40; int b : 20; long long c : 33; }",
             [("a", ":40"), ("b", ":20"), ("c", ":33")]),
    "s_bool": ("struct { _Bool a, b; enum color c; }",
               [("a", "_Bool"), ("b", "_Bool"), ("c", "enum color")]),
    "s_flex": ("struct { int n; float v[]; }", [("n", "int")]),
    "s_cf": ("struct { _Complex float z; }", [("z", "_Complex float")]),
    "s_packed": ("struct __attribute__((packed)) { signed char c; double d;"
                 " short s; }",
                 [("c", "signed char"), ("d", "double"), ("s", "short")]),
}
if machine == "x86_64" and plain:
    del STRUCTURES["s_flex"]
if not plain:
    STRUCTURES["s_empty"] = ("struct { }", [])
    STRUCTURES["s_al"] = ("struct __attribute__((aligned(16))) { int n; }",
                          [("n", "int")])
    if not alone:
        STRUCTURES["s_ld"] = ("struct { long double d; }", [("d", "long double")])
        STRUCTURES["s_ld2"] = ("struct { long double d; int n; }",
                               [("d", "long double"), ("n", "int")])
VECTORS, BYTES = {}, {}
if not plain:
    VECTORS = {"v_i4": ("int", 16, 4), "v_f2": ("float", 8, 2),
               "v_d2": ("double", 16, 2)}
if (machine in ("aarch64", "riscv64") and not alone or
        machine in ("arm", "ppc32") and not plain):
    VECTORS["v_i8"] = ("int", 32, 8)
    VECTORS["v_l8"] = ("long long", 64, 8)
if wide:
    BYTES["__int128"] = 16
if machine == "x86_64" and not plain:
    BYTES["_Float128"] = 16
if machine in ("x86_64", "aarch64") and not plain:
    BYTES["_Float16"] = 2


def number(kind):
    if kind.startswith(":"):
        unsigned, bits = kind[1] == "u", int(kind.strip(":u"))
        return (chance.randrange(2**bits) if unsigned else
                chance.randrange(-2**(bits - 1), 2**(bits - 1)))
    if kind in INTEGERS:
        return chance.randint(*INTEGERS[kind][1:])
    return chance.randrange(-40000, 40000) / 4


def written(kind, value):
    if kind in ("long long", "unsigned long long", ":40", ":33"):
        return "%d%s" % (value, "ull" if kind[0] == "u" else "ll")
    return "%du" % value if kind == "unsigned" else repr(value)


# What shows a value: formats, and the expressions in C and in D.
def shown(kind, c, d):
    if kind in COMPLEX:
        form = FLOATS[kind[9:]]
        return [(form, "__real__ " + c, d + "[0]"),
                (form, "__imag__ " + c, d + "[1]")]
    if kind in BYTES:
        last = BYTES[kind] - 1
        return [("%d", "((unsigned char *)&%s)[%d]" % (c, i), "%s[%d]" % (d, i))
                for i in (0, last // 2, last)]
    if kind in VECTORS:
        of, _, count = VECTORS[kind]
        return [(INTEGERS[of][0] if of in INTEGERS else FLOATS[of],
                 "%s[%d]" % (c, i), "%s[%d]" % (d, i))
                for i in (0, count - 1)]
    if kind in STRUCTURES:
        out = []
        for path, part in STRUCTURES[kind][1]:
            star, path = ("*", path[1:]) if path[0] == "*" else ("", path)
            out += shown(part, "%s%s.%s" % (star, c, path),
                         "%s%s.%s" % (star, d, path))
        return out
    if kind == "int *":
        return [("%d", "*" + c, "*" + d)]
    if kind.startswith(":"):
        return [("%lld", "(long long)" + c, "(long long)" + d)]
    return [(INTEGERS[kind][0] if kind in INTEGERS else FLOATS[kind], c, d)]


# Statements that give a variable of the kind a value.
def filled(kind, name):
    if kind in COMPLEX:
        return ["__real__ %s = %r;" % (name, number("double")),
                "__imag__ %s = %r;" % (name, number("double"))]
    if kind in BYTES:
        return ["((unsigned char *)&%s)[%d] = %d;" % (name, i,
                                                      chance.randrange(1, 100))
                for i in range(BYTES[kind])]
    if kind in VECTORS:
        of, _, count = VECTORS[kind]
        return ["%s[%d] = %s;" % (name, i, written(of, number(of)))
                for i in range(count)]
    if kind in STRUCTURES:
        out = []
        for path, part in STRUCTURES[kind][1]:
            if path[0] == "*":
                out += filled("int *", "%s.%s" % (name, path[1:]))
            else:
                out += filled(part, "%s.%s" % (name, path))
        return out
    if kind == "int *":
        return ["%s = &numbers[%d];" % (name, chance.randrange(16))]
    return ["%s = %s;" % (name, written(kind, number(kind)))]


KINDS = [*INTEGERS, *FLOATS, *COMPLEX, *STRUCTURES, *VECTORS, *BYTES, "int *"]
COMMON = [*INTEGERS, *FLOATS, "int *"]


def chosen():
    return chance.choice(COMMON if chance.random() < .45 else KINDS)


def say(where, what):
    form = "".join(" " + form for form, _, _ in what)
    c = 'printf("%s%s\\n"%s);' % (where, form,
                                  "".join(", " + c for _, c, _ in what))
    d = 'printf("%s%s\\n"%s);' % (where, form,
                                  "".join(", " + d for _, _, d in what))
    return c, d


functions, calls, script = [], [], ["#pragma D option quiet"]
for n in range(FUNCTIONS):
    kinds = [chosen() for _ in range(chance.choice((1, 2, 3, 5, 7, 9, 12, 14)))]
    variadic = chance.random() < .15
    returned = chosen()
    parts = [part for i, kind in enumerate(kinds[:SEEN])
             for part in shown(kind, "a%d" % i, "args[%d]" % i)]
    says, traces = say("f%d" % n, parts)
    body = ["static %s r;" % returned, says] + filled(returned, "r")
    functions.append("PROBED %s f%d(%s%s)\n{\n    %s\n    return r;\n}" % (
        returned, n, ", ".join("%s a%d" % (kind, i)
                               for i, kind in enumerate(kinds)),
        ", ..." if variadic else "", "\n    ".join(body)))
    script.append("pid$target:a.out:f%d:entry { %s }" % (n, traces))
    call = ["{"]
    for i, kind in enumerate(kinds):
        call += ["static %s a%d;" % (kind, i)] + filled(kind, "a%d" % i)
    call.append("%s r = f%d(%s%s);" % (
        returned, n, ", ".join("a%d" % i for i in range(len(kinds))),
        ", 7, 2.5" if variadic else ""))
    says, traces = say("f%d returns" % n, shown(returned, "r", "args[1]"))
    call.append(says)
    script.append("pid$target:a.out:f%d:return { %s }" % (n, traces))
    calls += call + ["}"]

with open("program.c", "w") as out:
    out.write('#include "say.h"\n'
              "#define PROBED __attribute__((noinline, noclone))\n"
              "enum color { RED, GREEN, BLUE };\n"
              "static int numbers[] = {%s};\n" % ", ".join(
                  str(number("int")) for _ in range(16)))
    for name, (text, _) in STRUCTURES.items():
        out.write("typedef %s %s;\n" % (text, name))
    for name, (of, length, _) in VECTORS.items():
        out.write("typedef %s %s __attribute__((vector_size(%d)));\n" %
                  (of, name, length))
    out.write("\n".join(functions))
    out.write("\nint main(void)\n{\n    %s\n    return 0;\n}\n" %
              "\n    ".join(calls))
with open("script.d", "w") as out:
    out.write("\n".join(script) + "\n")
