// options.h: DTrace's options and their values.
//
// One parser for all who set them: the command line, `#pragma D option`, the
// environment, and setopt() when its record is read. The rows of options.def
// say which there are; what an option does is told where its value is used.

#ifndef MCTRACE_OPTIONS_H
#define MCTRACE_OPTIONS_H

#include "base/base.h"

enum ir_option {
#define OPTION(name, value, when, preset)        IR_OPTION_##name,
#define INERT(name, value, when, preset, reason) IR_OPTION_##name,
#define REFUSED(name, reason)
#include "ir/options.def"
#undef OPTION
#undef INERT
#undef REFUSED
    IR_OPTION_COUNT
};

// What `bufpolicy` says of records that have no room.
enum ir_policy {
    IR_POLICY_SWITCH, // they are dropped until there is room again
    IR_POLICY_FILL,   // recording ends
    IR_POLICY_RING    // they replace the oldest
};

// What bars are made of: blocks of eighths only if `encoding` is utf8, the
// cells of `aggpack` unless it is ascii or the terminal is a plain one.
enum ir_encoding { IR_ENCODING_UNSET, IR_ENCODING_ASCII, IR_ENCODING_UTF8 };

// What becomes of buffers that cannot be had in full.
enum ir_resize {
    IR_RESIZE_AUTO,  // they are halved until they can
    IR_RESIZE_MANUAL // there is no tracing
};

// From when on a command is traced.
enum ir_evaltime {
    IR_EVALTIME_EXEC,    // all of it
    IR_EVALTIME_PREINIT, // from the program's first instruction
    IR_EVALTIME_POSTINIT,
    IR_EVALTIME_MAIN // from main() on, like the one before
};

enum ir_stdc { IR_STDC_A, IR_STDC_C, IR_STDC_S, IR_STDC_T };

// A value of an option that is text, as a list: in the order given.
struct ir_option_text {
    struct ir_option_text *next;
    uint8_t option; // enum ir_option
    struct str value;
};

struct ir_options {
    // Flags 0 or 1, rates in nanoseconds; of attributes a byte each.
    int64_t values[IR_OPTION_COUNT];
    bool is_set[IR_OPTION_COUNT];
    struct ir_option_text *texts;
};

enum option_moment {
    OPTION_BEFORE,  // by a command line or the environment
    OPTION_PROGRAM, // by a pragma
    OPTION_TRACING  // by setopt()
};

void options_init(struct ir_options *options); // to their presets
// `is_given`: there was a '=' behind the name. NULL: done; else why not, in
// DTrace's words where it has some.
const char *options_set(struct ir_options *options, struct arena *arena,
                        struct str name, struct str value, bool is_given,
                        enum option_moment moment);
// "name" or "name=value".
const char *options_set_word(struct ir_options *options, struct arena *arena,
                             struct str word, enum option_moment moment);
const char *option_name(enum ir_option option);
// Why the option governs nothing here; NULL: it does.
const char *option_inert(enum ir_option option);
// name stability / data stability / dependency class
bool options_are_attributes(struct str text);
bool options_are_version(struct str text); // 1.2.3 or shorter
// The first text given for an option at or behind `from`; NULL: none.
const struct ir_option_text *options_text(const struct ir_option_text *from,
                                          enum ir_option option);

#endif
