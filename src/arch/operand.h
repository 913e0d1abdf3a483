// operand.h: what readers of operands of static probes share. Each machine's
// assembler writes values its own way; ahead of them all stands their size, as
// <sys/sdt.h> puts it: in bytes, negative if the value is signed, with an f if
// it is a floating-point number, which is passed on as it is in memory.
//
//     operand = [ [ "-" ] bytes [ "f" ] "@" ] value

#ifndef MCTRACE_ARCH_OPERAND_H
#define MCTRACE_ARCH_OPERAND_H

#include "arch/arch.h"

// The text that is left to read. What fails to read leaves it as it was, words
// apart. Blanks ahead of what is read are passed.
struct rest {
    const char *p, *end;
};

bool rest_accept(struct rest *rest, char c);
bool rest_is_next(const struct rest *rest, char c);
// Decimal, or hexadecimal behind 0x; with a sign or not.
bool rest_number(struct rest *rest, int64_t *value);
// Up to a blank or one of `ends`; may be empty.
struct str rest_word(struct rest *rest, const char *ends);
// An operand that has its size, and the value to read. Without a size it is as
// wide as the machine. False: the size is none.
bool operand_begin(const struct arch *arch, struct str text, struct rest *rest,
                   struct text_operand *operand);

#endif
