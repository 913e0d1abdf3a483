// image.h: a loaded input file.
//
// An image is what analysis and rewriting need of a file, whatever its
// format: segments that map file bytes to addresses, sections, symbols,
// relocations that leave addresses in data, and, through debug.c, what DWARF
// says. Addresses are as linked (`va`); offsets are in the file (`off`).
// Everything lives in the arena and points into the file's bytes, which stay
// mapped until image_close().

#ifndef MCTRACE_IMAGE_H
#define MCTRACE_IMAGE_H

#include "arch/arch.h"

enum segment_flags { SEGMENT_READ = 1, SEGMENT_WRITE = 2, SEGMENT_EXEC = 4 };

struct segment {
    uint64_t va, off, file_len, mem_len;
    uint32_t flags;
    uint64_t load_va; // where its bytes are put; start-up code may copy them
};

struct section {
    struct str name;
    uint64_t va, off, len; // va 0: not loaded
    uint32_t flags;        // enum segment_flags; 0: not loaded
    bool has_bytes;        // false: .bss and its like
};

enum symbol_kind { SYMBOL_FUNCTION, SYMBOL_OBJECT, SYMBOL_LABEL, SYMBOL_IFUNC };

struct symbol {
    struct str name;
    uint64_t va, len; // len 0: not known
    uint8_t kind;     // enum symbol_kind
    uint8_t mode;     // of a function: see struct code
    bool global, weak, exported;
};

// An address that is known to be one of code of a mode (struct code), because
// whoever refers to it has to say so.
struct code_mode {
    uint64_t va;
    uint8_t mode;
    bool is_function; // a table of functions says so
};

// The stub of an imported function (.plt, .plt.sec, .plt.got).
struct plt_entry {
    uint64_t va, len;
    struct str name; // of the import
};

// A place that the program's authors marked for tracers: an instruction that
// does nothing.
struct marker {
    struct str provider, name;
    struct str operands; // of what is passed, as the assembler writes them
    uint64_t va;
    uint64_t semaphore_va; // 16 bits that say that somebody listens; 0: none
};

// Where the call frame of a function starts and ends, from .eh_frame.
struct frame_range {
    uint64_t va, len;
    uint64_t fde_va;  // where its FDE is loaded
    uint64_t lsda_va; // 0: none
    bool is_signal;   // of a signal handler's return: begins a byte before the
                      // code, for unwinders that look up what is before a pc
};

// What the user tells of an image beyond what its file says.
enum image_platform { PLATFORM_UNSAID, PLATFORM_LINUX, PLATFORM_NONE };
struct image_place {
    bool is_said;
    uint64_t va, len; // len 0: as much as is needed
};
struct image_facts {
    const struct arch *arch;           // NULL: the file says it
    const struct processor *processor; // NULL: the file, or its code, says it
    bool has_base, has_entry;
    uint64_t base_va, entry_va; // base_va: where it is loaded
    enum image_platform platform;
    const char *symbols;           // a file of names; NULL: none
    struct image_place text, data; // without an operating system: free room
    const char *fix_crc;           // see checksum.c; NULL: none
    // What is put before absolute paths of libraries, if they are there; NULL
    // or empty: nothing.
    const char *root;
};

struct image {
    const struct arch *arch;
    const struct image_format *format;
    struct arena *arena;
    struct file file;
    struct file original;  // what `file` is a changed copy of, if it is one
    struct str path, name; // name: the base name
    struct str soname, interpreter;
    struct slice build_id;
    bool is_program;     // has an entry point of its own (not a library)
    bool is_dynamic;     // is started by, or loaded by, a dynamic loader
    bool is_relocatable; // may be loaded anywhere (PIE, shared object)
    bool is_guarded;     // indirect jumps lead to landing pads only
    bool is_bare;        // runs without an operating system
    struct processor processor;
    uint8_t float_bits, vector_bits; // see arch.h
    struct image_facts facts;
    uint64_t entry_va;         // 0: none
    uint64_t init_va, fini_va; // what is called first, and last; 0: none
    struct segment *segments;
    struct section *sections;
    struct symbol *symbols;     // by address; several may share one
    struct plt_entry *plt;      // by address
    struct frame_range *frames; // by address
    // Functions with landing pads that no frame describes.
    struct frame_range *handled;
    struct marker *markers;  // in the order of the file
    uint64_t *code_pointers; // addresses of code found in relocated data,
                             // ascending, each once
    uint64_t *initializers;  // functions that are called at start and end
    // Where code may lie: executable sections or, without section headers,
    // executable segments. By address.
    struct segment *code;
    // Of machines whose addresses of code tell the mode of it; by address, each
    // once. Every address of code in this structure is without what tells.
    struct code_mode *modes;
    uint64_t base_vas[BASES_MOST]; // of arch->bases, by symbols; 0: not told
    struct str *needed;            // DT_NEEDED
    struct str *imports;           // undefined dynamic symbols
    // Imports whose address is taken rather than called through the PLT.
    struct str *address_imports;
    struct str runpath; // DT_RUNPATH or DT_RPATH
    size_t segment_count, section_count, symbol_count, plt_count, frame_count,
        code_pointer_count, initializer_count, needed_count, import_count,
        address_import_count, code_count, mode_count, mode_room, marker_count,
        handled_count;
    struct str debug_link;  // .gnu_debuglink: name of the separate debug file
    bool has_old_runpath;   // `runpath` is DT_RPATH: it comes before
                            // LD_LIBRARY_PATH and holds for what is loaded
                            // in turn
    bool avoids_defaults;   // wants no library of the system's folders
    bool is_borrowed;       // the bytes belong to the caller
    struct elf_file *elf;   // private to the format
    struct flat_file *flat; // likewise
};

// What the rewriter asks to be changed and added. Bytes at addresses are
// overwritten in place; the new segments are placed where image_plan_room()
// said. Nothing else of the file changes.
struct image_patch {
    uint64_t va;
    struct slice bytes;
};

struct image_symbol {
    struct str name;
    uint64_t va, len;
    uint8_t mode; // of the code
    bool is_mark; // of what follows, and no function
};

// Unwind information of added code: the CFI of the function at a place
// (`like_va`), then rows of their own.
struct image_frame {
    uint64_t va, len;
    uint64_t like_va; // an address of the original code whose CFI holds at va;
                      // 0: the state at a function's entry
    // Changes after that: at `offset` bytes from va sp is lower by `sp_bias`
    // than the CFI expects, or the CFI of another address begins to hold.
    struct image_frame_row {
        uint32_t offset;
        int32_t sp_bias;
        uint64_t like_va; // 0: unchanged
        // Where, from sp, the link register was put, plus 1; 0: it is as the
        // CFI says.
        uint32_t link_at;
    } *rows;
    size_t row_count;
};

// Room for what is added: three runs of addresses, page-aligned and apart.
struct image_room {
    uint64_t text_va, rodata_va, region_va;
    // Where the room ends: of code, or, without an operating system, of code
    // and read-only data together and of the region.
    uint64_t text_end_va, region_end_va;
};

// Upper bounds of what will be added; 0 chooses a generous one. Only address
// space is set aside for them.
struct image_needs {
    uint64_t region_len, text_len;
    // Code that is longer than jumps lead which change no register.
    bool exceeds_plain;
};

// How an image finds its libraries, where that changes.
struct image_links {
    struct str search_path; // empty: as it was
    // The path holds for what is loaded in turn, and comes before what the
    // environment says, be it so before or not.
    bool comes_first;
    // Libraries that are asked for by a path and shall be by their name.
    const struct str *bare_needs;
    size_t bare_need_count;
};

// An address as linked that added code holds, which the loader must make one
// where it has put the image.
struct image_reloc {
    uint64_t va, value; // of the field; the address
    uint32_t type;      // as the machine's ELF numbers them
};

struct image_additions {
    struct slice text, rodata; // executable; read-only
    uint64_t region_len;       // writable, starts as zero, not in the file
    const struct image_patch *patches;
    const struct image_symbol *symbols;
    const struct image_frame *frames;
    const struct image_reloc *relocs;
    size_t patch_count, symbol_count, frame_count, reloc_count;
    // With the bits that tell their mode, where the machine has such.
    uint64_t new_entry_va; // 0: unchanged
    uint64_t new_init_va;  // is called first instead; 0: unchanged
    struct str mapping;    // embedded, not loaded
    struct image_links links;
    struct str interpreter; // path of another loader; empty: unchanged
};

struct image_format {
    const char *name;
    bool (*claims)(struct slice bytes);
    bool (*read)(struct image *image, struct diag *diag);
    void (*close)(struct image *image);
    bool (*plan_room)(struct image *image, const struct image_needs *needs,
                      struct image_room *room, struct diag *diag);
    // Writes the rewritten file. `text` and `rodata` start at the addresses
    // plan_room gave.
    bool (*write)(struct image *image, const struct image_room *room,
                  const struct image_additions *additions, const char *path,
                  struct diag *diag);
    // The original file of one that write() made.
    bool (*restore)(struct image *image, const char *path, struct diag *diag);
    // The mapping embedded by write(); false: not one of ours.
    bool (*embedded)(struct image *image, struct str *mapping);
};

// image.c

// Opens, recognises and reads; NULL on failure, reported.
struct image *image_open(struct arena *arena, const char *path,
                         struct diag *diag);
// The same, knowing more than the file says.
struct image *image_open_as(struct arena *arena, const char *path,
                            const struct image_facts *facts, struct diag *diag);
// The same of bytes in memory, which must outlive the image. `path` is used
// for its name and in messages.
struct image *image_read_bytes(struct arena *arena, const char *path,
                               struct slice bytes, struct diag *diag);
struct image *image_read_bytes_as(struct arena *arena, const char *path,
                                  struct slice bytes,
                                  const struct image_facts *facts,
                                  struct diag *diag);
void image_close(struct image *image); // NULL is allowed
// Bytes from `va` on, up to the end of its segment's file part; empty: none.
struct slice image_bytes(const struct image *image, uint64_t va);
bool image_is_code(const struct image *image, uint64_t va);
bool image_va_to_off(const struct image *image, uint64_t va, uint64_t *off);
const struct section *image_find_section(const struct image *image,
                                         struct str name);
// Whether the image was written by mctrace.
bool image_is_instrumented(const struct image *image);
bool image_plan_room(struct image *image, struct image_room *room,
                     struct diag *diag);
// The same with bounds known beforehand, which keeps the segments closer.
bool image_plan_room_for(struct image *image, const struct image_needs *needs,
                         struct image_room *room, struct diag *diag);
bool image_write(struct image *image, const struct image_room *room,
                 const struct image_additions *additions, const char *path,
                 struct diag *diag);
bool image_restore(struct image *image, const char *path, struct diag *diag);
bool image_embedded(struct image *image, struct str *mapping);

// Whether the program's processor can run what is added; else reported.
bool image_suffices(const struct image *image, struct diag *diag);

// modes.c

// An address of code without the bits that tell its mode.
uint64_t image_plain_va(const struct image *image, uint64_t address);
// The same; what they tell is remembered.
uint64_t image_code_va(struct image *image, uint64_t address);
void image_note_mode(struct image *image, uint64_t va, uint8_t mode);
void image_note_function(struct image *image, uint64_t va, uint8_t mode);
// Puts what was noted in order, before anybody looks at it.
void image_sort_modes(struct image *image);
// The mode of code at an address, as far as something close before it or there
// tells; 0 otherwise.
uint8_t image_mode_at(const struct image *image, uint64_t va);
// Whether a name is that of a mapping symbol ($a, $t.1, $d); `mode` becomes
// that of the code behind it, 2: not told.
bool image_is_mark(const struct image *image, struct str name, uint8_t *mode);

// symbol_file.c

// Adds the names of a file like --symbols=FILE.
bool symbol_file_read(struct image *image, const char *path, struct diag *diag);

// object_imports.c

// The symbols that a relocatable object for the machine wants others to
// define. False: it is none, reported.
bool object_imports(struct arena *arena, const char *path,
                    const struct arch *arch, struct str **names, size_t *count,
                    struct diag *diag);

// debug.c

struct debug_function {
    struct str name, linkage_name;
    uint64_t va, len;
};
// Functions named by DWARF, in the image or in a separate debug file found by
// build id or .gnu_debuglink; symbols of the separate file as well. Missing
// debug information is no error.
void debug_functions(struct image *image, struct debug_function **functions,
                     size_t *count, struct symbol **symbols,
                     size_t *symbol_count, struct diag *diag);

// types.c

struct debug_types;
enum debug_kind {
    DEBUG_VOID,
    DEBUG_INTEGER,
    DEBUG_FLOAT,
    DEBUG_POINTER,
    DEBUG_ARRAY,
    DEBUG_STRUCT,
    DEBUG_UNION,
    DEBUG_ENUM,
    DEBUG_FUNCTION,
    DEBUG_TYPEDEF,
    DEBUG_CODE,     // a function of the program: its result, and its parameters
                    // are its members
    DEBUG_VARIABLE, // of the program, at a fixed address: `of` its type
    DEBUG_MEMBER,   // which member of a class: a pointer of C++
    DEBUG_OTHER
};
// Who made code: where ABIs leave something open, compilers differ.
enum compiler_kind { COMPILER_OTHER, COMPILER_GNU, COMPILER_LLVM };
struct compiler {
    uint8_t kind; // enum compiler_kind
    uint32_t version;
};
struct debug_type {
    uint8_t kind; // enum debug_kind
    bool is_signed, is_char, is_complete;
    bool is_complex;          // FLOAT: two of half its size
    bool is_decimal;          // FLOAT: of another base
    bool is_vector;           // ARRAY: one value to the machine
    bool is_variadic;         // CODE: it takes more than its parameters
    bool is_private;          // CODE: called by rules of its compiler's own
    struct compiler compiler; // CODE
    uint64_t align;           // what its declaration asks for; 0: nothing
    bool
        is_by_reference; // passed so, since it has ways of its own to be copied
    struct str name;
    uint64_t size; // bytes; 0: not said
    uint64_t of;   // id of the type it is made of; 0: void
    uint64_t va;   // CODE, VARIABLE; 0: not said, or not the same for all
    uint64_t dimensions[8];
    size_t dimension_count;
};
struct debug_member {
    struct str name; // of a member, an enumerator or a parameter; may be empty
    uint64_t type;   // id
    uint64_t off_bits;
    uint64_t align; // what its declaration asks for; 0: nothing
    uint8_t width;  // of a bit-field, else 0
    int64_t value;  // of an enumerator
};
// NULL: the image has no debug information. `arena` gets what is read.
struct debug_types *debug_types_open(struct arena *arena, struct image *image);
void debug_types_close(struct debug_types *types);
// The id of a type of the name; 0: there is none.
uint64_t debug_type_find(struct debug_types *types, enum debug_kind kind,
                         struct str name);
bool debug_type_read(struct debug_types *types, uint64_t id,
                     struct debug_type *out);
void debug_type_members(struct debug_types *types, uint64_t id,
                        struct debug_member **members, size_t *count);

// The separate file with an image's debug information; NULL: none.
struct image *debug_find_separate(struct image *image);

// frames.c

// How the caller's frame is found at an address: the canonical frame address
// is `base` + `off`, the return address lies at CFA + return_off or, where it
// was not saved yet, in return_reg.
struct frame_state {
    bool known;
    uint8_t base; // register number of the arch
    int32_t off;
    int32_t return_off;
    uint8_t return_reg; // or REG_NONE
    bool at_entry;      // the same as at the entry of any function
};
// The frame range that holds va; NULL: none.
const struct frame_range *image_frame_range(const struct image *image,
                                            uint64_t va);
struct frame_state image_frame_at(const struct image *image, uint64_t va);

// closure.c, closure_copies.c

// A library that a dynamic program loads, in the loader's order.
struct library {
    struct str name; // as asked for by DT_NEEDED
    struct str path; // where it was found
    // The folder of a variant for certain processors, within the one that was
    // searched: "glibc-hwcaps/x86-64-v3". Empty: the plain library.
    struct str variant;
    bool names_origin; // in its search path
    bool is_loader;
    bool is_copied;           // the program shall find a copy beside it
    bool is_led;              // the copy finds other copies by itself
    struct image_links links; // of the copy
};
// Finds them the way the loader of the image would; false on a library that
// is missing.
bool closure_find(struct image *image, struct arena *arena,
                  struct library **libraries, size_t *count, struct diag *diag);
// The paths of what dlopen() by these names would bring, as far as it is there
// and not loaded with the program; where each is, or an empty text.
struct str *closure_find_opened(struct image *image, struct arena *arena,
                                const struct str *names, size_t count);
// Whether libraries are started by the program's own start-up code, not by the
// loader before it.
bool closure_starts_late(const struct image *image);
// Given which libraries have copies in `output`.libs, says how the program
// `output` and the copies find them: at their place for the original, and, but
// for copies, exactly what the original finds. Libraries that stand in the way
// get copies as well.
bool closure_copy(struct image *image, const char *output, struct arena *arena,
                  struct library *libraries, size_t count,
                  struct image_links *links, struct diag *diag);
// Name of a library's copy within that folder.
struct str closure_copy_name(struct arena *arena,
                             const struct library *library);

#endif
