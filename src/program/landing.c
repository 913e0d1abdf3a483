// landing.c: where exceptions arrive.
//
// A frame description may point to a language-specific data area. Its call
// site table, laid out by the Itanium C++ ABI ("Exception Handling Tables")
// and used by every compiler on ELF, names the landing pads:
//
//     u8 encoding of the start of landing pads; that start, unless omitted
//     u8 encoding of the type table; its offset (uleb), unless omitted
//     u8 encoding of the call sites; length of the table (uleb)
//     call sites: start, length, landing pad, action (uleb)
//
// A landing pad is an offset from the start, which is the function's own when
// omitted; 0 means none.

#include "program/bits.h"

// DWARF's pointer encodings (LSB, "DWARF Extensions").
enum {
    ENCODING_ABSPTR = 0x00,
    ENCODING_ULEB = 0x01,
    ENCODING_UDATA2 = 0x02,
    ENCODING_UDATA4 = 0x03,
    ENCODING_UDATA8 = 0x04,
    ENCODING_SLEB = 0x09,
    ENCODING_SDATA2 = 0x0a,
    ENCODING_SDATA4 = 0x0b,
    ENCODING_SDATA8 = 0x0c,
    ENCODING_PCREL = 0x10,
    ENCODING_OMIT = 0xff
};

static uint64_t read_encoded(struct reader *in, const struct arch *arch,
                             uint8_t encoding, uint64_t table_va) {
    uint64_t at_va = table_va + in->at, value = 0;
    switch (encoding & 0x0f) {
    case ENCODING_ABSPTR: value = reader_uint(in, arch->bits / 8); break;
    case ENCODING_ULEB: value = reader_uleb(in); break;
    case ENCODING_UDATA2: value = reader_uint(in, 2); break;
    case ENCODING_UDATA4: value = reader_uint(in, 4); break;
    case ENCODING_UDATA8: value = reader_uint(in, 8); break;
    case ENCODING_SLEB: value = (uint64_t)reader_sleb(in); break;
    case ENCODING_SDATA2: value = (uint64_t)reader_sint(in, 2); break;
    case ENCODING_SDATA4: value = (uint64_t)reader_sint(in, 4); break;
    case ENCODING_SDATA8: value = (uint64_t)reader_sint(in, 8); break;
    default: in->failed = true;
    }
    if ((encoding & 0x70) == ENCODING_PCREL) {
        value += at_va;
    } else if ((encoding & 0xf0) != 0) {
        in->failed = true; // relative to something else, or indirect
    }
    return value;
}

bool landing_mark(struct program *program, const struct frame_range *frame) {
    const struct arch *arch = program->arch;
    struct slice bytes = image_bytes(program->image, frame->lsda_va);
    struct reader in = reader_open(bytes, arch->order);
    uint64_t start_va = frame->va;
    uint8_t encoding = (uint8_t)reader_uint(&in, 1);
    if (encoding != ENCODING_OMIT) {
        start_va = read_encoded(&in, arch, encoding, frame->lsda_va);
    }
    encoding = (uint8_t)reader_uint(&in, 1);
    if (encoding != ENCODING_OMIT) {
        reader_uleb(&in);
    }
    encoding = (uint8_t)reader_uint(&in, 1);
    uint64_t len = reader_uleb(&in);
    if (in.failed || len > bytes.n - in.at) {
        return false;
    }
    uint64_t end = in.at + len;
    while (in.at < end && !in.failed) {
        read_encoded(&in, arch, encoding, frame->lsda_va);
        read_encoded(&in, arch, encoding, frame->lsda_va);
        uint64_t off = read_encoded(&in, arch, encoding, frame->lsda_va);
        reader_uleb(&in);
        if (off != 0 && !in.failed) {
            code_mark_target(program->bits, start_va + off,
                             program->bits->certain);
        }
    }
    return !in.failed;
}
