// show_symbol.c: addresses of the program by name.
//
//     ustack   a newline, then a frame a line: "a.out`main+0x4"
//     usym     "a.out`main", uaddr with the offset, umod "a.out"
//
// With the option noresolve symbols are not shown: "a.out:0x1136", counted from
// where the file begins in memory.
//
// Whoever knows the program's map gives a struct symbol_source; an address that
// it does not know is shown in hex.

#include <string.h>

#include "data/load.h"
#include "data/show.h"

enum symbol_form { FORM_EXACT, FORM_NAME, FORM_MODULE };

static enum symbol_form form_of(uint8_t action) {
    switch (action) {
    case IR_ACTION_USYM:
    case IR_ACTION_UFUNC:
    case IR_ACTION_SYM:
    case IR_ACTION_FUNC: return FORM_NAME;
    case IR_ACTION_UMOD:
    case IR_ACTION_MOD: return FORM_MODULE;
    default: return FORM_EXACT;
    }
}

struct str symbol_text(struct show *show, uint64_t pc, uint8_t action,
                       char *room, size_t room_len) {
    struct named_address symbol = {0};
    unsigned long long off = 0, number = pc;
    bool is_known =
        show->symbols.find &&
        show->symbols.find(show->symbols.state, show->pid, pc, &symbol);
    enum symbol_form form = form_of(action);
    if (is_known && symbol.name.n > 0 && form == FORM_EXACT)
        off = pc - symbol.start;
    int n;
    if (!is_known)
        n = snprintf(room, room_len, "0x%llx", number);
    else if (form != FORM_MODULE && show->options->values[IR_OPTION_noresolve])
        n = snprintf(room, room_len, "%.*s:0x%llx", STR_ARGS(symbol.module),
                     number - symbol.module_start);
    else if (form == FORM_MODULE)
        n = snprintf(room, room_len, "%.*s", STR_ARGS(symbol.module));
    else if (symbol.name.n == 0)
        n = snprintf(room, room_len, "%.*s`0x%llx", STR_ARGS(symbol.module),
                     number);
    else if (off == 0)
        n = snprintf(room, room_len, "%.*s`%.*s", STR_ARGS(symbol.module),
                     STR_ARGS(symbol.name));
    else
        n = snprintf(room, room_len, "%.*s`%.*s+0x%llx",
                     STR_ARGS(symbol.module), STR_ARGS(symbol.name), off);
    size_t len = n < 0 ? 0 : (size_t)n;
    return (struct str){room, len < room_len ? len : room_len - 1};
}

void show_stack(struct show *show, const struct value *stack, int indent,
                int width) {
    char room[SYMBOL_ROOM];
    show_text(show, STR("\n"));
    for (size_t i = 0; i + 8 <= stack->text.n; i += 8) {
        uint64_t pc = load_quickly((const uint8_t *)stack->text.p + i, 8,
                                   show->mapping->order);
        if (pc == 0)
            break;
        show_padded(show, STR(""), indent);
        show_padded(show,
                    symbol_text(show, pc, IR_ACTION_UADDR, room, sizeof room),
                    width);
        show_text(show, STR("\n"));
    }
}
