// elf_file.h: what the files that read and write ELF share; private to this
// folder.
//
// Reading goes through libelf's gelf layer, which hides class and byte order.
// A file is taken as the loader takes it: program headers and the dynamic
// section say what it is, section headers only add to that, and may be
// missing. Writing encodes structures by hand (elf_encode.c).

#ifndef MCTRACE_IMAGE_ELF_FILE_H
#define MCTRACE_IMAGE_ELF_FILE_H

#include <gelf.h>

#include "image/image.h"

// A relocation that the loader carries out. Symbol 0: none.
struct elf_reloc {
    uint64_t va, value; // value: the addend, or what lies at va
    uint32_t symbol, type;
    bool is_call; // of those by which calls are bound (DT_JMPREL)
};

// A symbol of .dynsym, index as in the table.
struct dynamic_symbol {
    struct str name;
    uint64_t va;
    bool is_defined;
};

struct elf_file {
    Elf *handle;
    GElf_Ehdr header;
    GElf_Phdr *segments; // every program header, of any type
    GElf_Shdr *sections; // every section header, number 0 included
    GElf_Dyn *dynamic;   // without the final DT_NULL
    struct dynamic_symbol *dynamic_symbols;
    struct elf_reloc *relocs;
    uint64_t *resumptions; // where Go resumes functions
    size_t segment_count, section_count, dynamic_count, dynamic_symbol_count,
        reloc_count, resumption_count;
    size_t names_index;    // of the section that holds section names
    uint64_t moved_by;     // see elf_move.c
    uint64_t dynamic_off;  // in the file; 0: there is none
    size_t dynamic_room;   // entries that fit
    size_t dynamic_entry;  // bytes each
    uint64_t eh_frame_va;  // 0: none
    uint64_t first_cie_va; // 0: none
    uint64_t fde_count;    // FDEs in .eh_frame, used or not
    uint64_t search_va;    // PT_GNU_EH_FRAME: the unwinder's search table
    uint64_t search_count; // its entries
    uint64_t symbols_len;  // bytes of .dynsym
    uint64_t hash_len, gnu_hash_len; // bytes of DT_HASH, DT_GNU_HASH
    unsigned word;                   // bytes of an address
};

// One line for a place in the file: "path: what".
const char *elf_where(const struct image *image, const char *format, ...)
    PRINTF_LIKE(2, 3);

// elf_init.c

// The function that a loader calls first; 0: none.
uint64_t elf_init_va(const struct image *image);

// elf_read.c

extern const struct image_format format_elf;
// Value of a dynamic tag; false: there is none.
bool elf_dynamic_value(const struct elf_file *elf, int64_t tag,
                       uint64_t *value);
// Less than everything, for those who ask for no more; NULL on failure.
enum elf_part {
    ELF_DEBUG, // a file that holds debug information only, whose segments have
               // no bytes: sections, symbols, build id
    ELF_NEEDS  // a library: its name, what it needs, where it looks for it
};
struct image *elf_open_part(struct arena *arena, const char *path,
                            enum elf_part part, struct diag *diag);
// File bytes at an address as an array of `type`; NULL: not in the file.
Elf_Data *elf_chunk(const struct image *image, uint64_t va, uint64_t len,
                    Elf_Type type);

// elf_exidx.c
void elf_read_exidx(struct image *image);

// elf_move.c

// An address of the file's as it is now.
static inline uint64_t elf_moved(const struct elf_file *elf, uint64_t va) {
    uint64_t moved = va + elf->moved_by;
    return elf->word == 4 ? moved & UINT32_MAX : moved;
}

// Whether the user wants it elsewhere; then elf_move() moves its headers, which
// are to be read anew, and elf_move_words() what its relocations are of. False:
// they cannot be carried out; reported.
bool elf_is_moved(const struct image *image);
void elf_move(struct image *image);
bool elf_move_words(struct image *image, struct diag *diag);
// False: nobody has said where it runs, or somebody to whom it cannot matter.
bool elf_check_place(struct image *image, struct diag *diag);

// elf_bare.c

// Which processor it is for, and whether it runs without an operating system.
// False: the processor has too little; reported.
bool elf_read_platform(struct image *image, struct diag *diag);
bool elf_symbol_value(const struct image *image, struct str name,
                      uint64_t *value);

// elf_dynamic.c

// The dynamic section and the names in it; then symbols and relocations.
bool elf_read_dynamic(struct image *image, struct diag *diag);
struct slice elf_dynamic_strings(const struct image *image);
void elf_read_relocs(struct image *image);
// Bytes of a table of relocations, without those for calls, which some linkers
// count as the end of it.
uint64_t elf_len_without_calls(const struct elf_file *elf, int64_t table,
                               int64_t size);

// elf_symbols.c

bool elf_read_symbols(struct image *image, struct diag *diag);
// Addresses of code that lie in data, from relocations and, where the image
// stays at its place, from the data itself.
void elf_find_code_pointers(struct image *image);

// elf_go.c

// Functions of a program made by Go join the symbols, if names are wanted.
void elf_read_go(struct image *image, bool wants_names, size_t *symbol_room);

// elf_plt.c

void elf_read_plt(struct image *image);

// elf_frames.c

void elf_read_frames(struct image *image);

// elf_notes.c

void elf_read_markers(struct image *image);
void elf_read_properties(struct image *image);

// debug.c

// elf_encode.c

size_t elf_header_len(const struct elf_file *elf);
size_t elf_segment_len(const struct elf_file *elf);
size_t elf_section_len(const struct elf_file *elf);
size_t elf_symbol_len(const struct elf_file *elf);
void elf_put_header(const struct elf_file *elf, const GElf_Ehdr *header,
                    struct bytes *out);
void elf_put_segment(const struct elf_file *elf, const GElf_Phdr *segment,
                     struct bytes *out);
void elf_put_section(const struct elf_file *elf, const GElf_Shdr *section,
                     struct bytes *out);
void elf_put_symbol(const struct elf_file *elf, const GElf_Sym *symbol,
                    struct bytes *out);
void elf_put_word(const struct elf_file *elf, uint64_t value,
                  struct bytes *out);
// Of no symbol, with its addend.
void elf_put_reloc(const struct elf_file *elf, const struct image_reloc *reloc,
                   struct bytes *out);
size_t elf_reloc_len(const struct elf_file *elf);

// elf_write.c

bool elf_plan_room(struct image *image, const struct image_needs *needs,
                   struct image_room *room, struct diag *diag);
bool elf_write(struct image *image, const struct image_room *room,
               const struct image_additions *additions, const char *path,
               struct diag *diag);

// elf_undo.c

// Bytes of the original file, kept from before they were overwritten.
struct undo_range {
    uint64_t off;
    struct slice before;
};
struct slice undo_build(struct arena *arena, struct slice original,
                        const struct undo_range *ranges, size_t count);
// Where they lie in a file without section headers, at its very end.
struct slice trailer_build(struct arena *arena, uint64_t mapping_off,
                           uint64_t mapping_len, uint64_t undo_off,
                           uint64_t undo_len);
void elf_read_trailer(struct image *image);
bool elf_restore(struct image *image, const char *path, struct diag *diag);
bool elf_embedded(struct image *image, struct str *mapping);

#endif
