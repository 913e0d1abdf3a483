// cfi.c: the entries of .eh_frame.
//
// An entry begins with its length and an id. Id 0 marks a CIE, which holds
// what many functions share; anything else marks an FDE and is the distance
// from the id itself back to its CIE. An FDE names a range of code and, in
// its augmentation data, the table of landing pads (LSDA). Pointers are
// encoded as the CIE's augmentation string says (Linux Standard Base, 10.6).

#include <dwarf.h>
#include <string.h>

#include "image/cfi.h"

bool cfi_read_entry(const struct image *image, uint64_t va,
                    struct cfi_entry *entry) {
    struct slice bytes = image_bytes(image, va);
    struct reader in = reader_open(bytes, image->arch->order);
    uint64_t len = reader_uint(&in, 4);
    if (len == 0xffffffff)
        len = reader_uint(&in, 8);
    size_t id_at = in.at;
    if (in.failed || len < 4 || len > bytes.n - id_at)
        return false;
    uint64_t id = reader_uint(&in, 4);
    *entry = (struct cfi_entry){
        .va = va,
        .next_va = va + id_at + len,
        .cie_va = id ? va + id_at - id : 0,
        .body_va = va + id_at + 4,
    };
    entry->body = reader_open((struct slice){bytes.p + id_at + 4, len - 4},
                              image->arch->order);
    return true;
}

static uint64_t read_plain(struct reader *in, uint8_t format, unsigned word) {
    switch (format) {
    case DW_EH_PE_absptr: return reader_uint(in, word);
    case DW_EH_PE_uleb128: return reader_uleb(in);
    case DW_EH_PE_udata2: return reader_uint(in, 2);
    case DW_EH_PE_udata4: return reader_uint(in, 4);
    case DW_EH_PE_udata8: return reader_uint(in, 8);
    case DW_EH_PE_sleb128: return (uint64_t)reader_sleb(in);
    case DW_EH_PE_sdata2: return (uint64_t)reader_sint(in, 2);
    case DW_EH_PE_sdata4: return (uint64_t)reader_sint(in, 4);
    case DW_EH_PE_sdata8: return (uint64_t)reader_sint(in, 8);
    default: in->failed = true; return 0;
    }
}

uint64_t cfi_read_pointer(const struct image *image, struct reader *in,
                          uint64_t va, uint8_t encoding) {
    unsigned word = image->arch->bits / 8;
    if (encoding == DW_EH_PE_omit)
        return 0;
    uint64_t place = va + in->at;
    uint64_t value = read_plain(in, encoding & 0x0f, word);
    if (value == 0) // says "none" in any encoding
        return 0;
    switch (encoding & 0x70) {
    case DW_EH_PE_absptr: break;
    case DW_EH_PE_pcrel: value += place; break;
    default: in->failed = true; return 0;
    }
    if (word == 4)
        value &= 0xffffffff;
    if (encoding & DW_EH_PE_indirect) {
        struct slice target = image_bytes(image, value);
        value = target.n < word ? 0 : load_uint(target.p, word, in->order);
    }
    return value;
}

// Augmentation data in the order of the letters of the string.
static void read_augmentation(const struct image *image, struct reader *in,
                              uint64_t va, struct str letters,
                              struct cfi_cie *cie) {
    cie->pointer_encoding = DW_EH_PE_absptr;
    cie->lsda_encoding = DW_EH_PE_omit;
    if (letters.n == 0)
        return;
    if (letters.p[0] != 'z') { // nothing newer than 1998 writes others
        in->failed = true;
        return;
    }
    cie->has_data = true;
    uint64_t len = reader_uleb(in);
    size_t end = in->at + len;
    for (size_t i = 1; i < letters.n && !in->failed; i++) {
        switch (letters.p[i]) {
        case 'R': cie->pointer_encoding = (uint8_t)reader_uint(in, 1); break;
        case 'L': cie->lsda_encoding = (uint8_t)reader_uint(in, 1); break;
        case 'P':
            cfi_read_pointer(image, in, va, (uint8_t)reader_uint(in, 1) & 0x7f);
            break;
        case 'S': cie->is_signal = true; break;
        case 'B': cie->has_key_b = true; break;
        default: break; // 'G' of AArch64 has no data
        }
    }
    reader_seek(in, end);
}

bool cfi_read_cie(const struct image *image, uint64_t va, struct cfi_cie *cie) {
    struct cfi_entry entry;
    *cie = (struct cfi_cie){.va = va};
    if (!cfi_read_entry(image, va, &entry) || entry.cie_va)
        return false;
    struct reader *in = &entry.body;
    uint64_t version = reader_uint(in, 1);
    struct str letters = reader_text(in);
    if (version == 4)
        reader_uint(in, 2); // sizes of an address and of a segment selector
    cie->code_align = reader_uleb(in);
    cie->data_align = reader_sleb(in);
    cie->return_column = version == 1 ? reader_uint(in, 1) : reader_uleb(in);
    read_augmentation(image, in, entry.body_va, letters, cie);
    cie->instructions = reader_bytes(in, in->data.n - in->at);
    return !in->failed && cie->return_column < CFI_COLUMNS &&
           (version == 1 || version == 3 || version == 4);
}

bool cfi_read_fde(const struct image *image, const struct cfi_entry *entry,
                  const struct cfi_cie *cie, struct cfi_fde *fde) {
    struct reader in = entry->body;
    *fde = (struct cfi_fde){.cie = *cie};
    fde->va =
        cfi_read_pointer(image, &in, entry->body_va, cie->pointer_encoding);
    fde->len =
        read_plain(&in, cie->pointer_encoding & 0x0f, image->arch->bits / 8);
    if (cie->has_data) {
        uint64_t len = reader_uleb(&in);
        size_t end = in.at + len;
        if (cie->lsda_encoding != DW_EH_PE_omit && len)
            fde->lsda_va = cfi_read_pointer(image, &in, entry->body_va,
                                            cie->lsda_encoding);
        reader_seek(&in, end);
    }
    fde->instructions = reader_bytes(&in, in.data.n - in.at);
    return !in.failed;
}
