// diag.c: what the user is told.
//
//     hist.d:3:27: error: quantize() takes an integer [D_AGG_SCALAR]
//         3 | read:entry { @ = quantize(copyinstr(arg1)); }
//           |                           ^~~~~~~~~~~~~~~
//           help: quantize(arg2) would take the size
//
// A message goes to the stream in `struct diag` and is counted there; nothing
// is kept. Source lines are shown as they are, but for control characters,
// which could change the terminal; tabs are repeated under the line so that
// the caret stands below its character.

#include <string.h>

#include "base/base.h"

#define LINE_MOST 2000 // of a source line that is shown

static const char *const tag_names[] = {
#define TAG(name, summary) #name,
#include "errors.def"
#undef TAG
};

_Static_assert(COUNT_OF(tag_names) == TAG_COUNT, "one name for each tag");

const char *tag_name(enum tag tag) {
    return (unsigned)tag < TAG_COUNT ? tag_names[tag] : "?";
}

void diag_init(struct diag *diag, FILE *out, const char *program) {
    *diag = (struct diag){.out = out, .program = program};
}

void span_position(struct span where, unsigned *line, unsigned *column) {
    *line = *column = 1;
    if (!where.source)
        return;
    *line += where.source->lines_before;
    struct str text = where.source->text;
    for (size_t i = 0; i < where.off && i < text.n; i++) {
        ++*column;
        if (text.p[i] == '\n') {
            ++*line;
            *column = 1;
        }
    }
}

struct span span_join(struct span first, struct span last) {
    if (!first.source || first.source != last.source)
        return first.source ? first : last;
    uint32_t from = first.off < last.off ? first.off : last.off;
    uint32_t end = first.off + first.len, last_end = last.off + last.len;
    if (last_end > end)
        end = last_end;
    return (struct span){first.source, from, end - from};
}

static bool is_control(char c) {
    return (unsigned char)c < ' ' || c == 0x7f;
}

// The bytes of a character but its first; they take no column.
static bool is_continuation(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

static void show_line(FILE *out, struct str line) {
    for (size_t i = 0; i < line.n; i++) {
        char c = line.p[i];
        fputc(is_control(c) && c != '\t' ? '?' : c, out);
    }
    fputc('\n', out);
}

static void show_caret(FILE *out, struct str line, size_t from, size_t len) {
    for (size_t i = 0; i < from && i < line.n; i++)
        if (!is_continuation(line.p[i]))
            fputc(line.p[i] == '\t' ? '\t' : ' ', out);
    fputc('^', out);
    for (size_t i = from + 1; i < from + len && i < line.n; i++)
        if (!is_continuation(line.p[i]))
            fputc('~', out);
    fputc('\n', out);
}

// What is shown of a line that is too long to be shown whole: what stands
// around the place, `*at` of the line, which becomes its place in the rest.
static struct str shorten(struct str line, size_t *at) {
    if (line.n <= LINE_MOST)
        return line;
    size_t start = *at > LINE_MOST / 2 ? *at - LINE_MOST / 2 : 0;
    size_t end = start + LINE_MOST < line.n ? start + LINE_MOST : line.n;
    while (start > 0 && is_continuation(line.p[start]))
        start--;
    while (end < line.n && is_continuation(line.p[end]))
        end++;
    *at -= start;
    return str_slice(line, start, end);
}

static void show_place(FILE *out, struct span where) {
    struct str text = where.source->text;
    size_t at = where.off < text.n ? where.off : text.n;
    size_t start = at, end = at;
    while (start > 0 && text.p[start - 1] != '\n')
        start--;
    while (end < text.n && text.p[end] != '\n')
        end++;
    size_t place = at - start;
    struct str line = shorten(str_slice(text, start, end), &place);
    unsigned number, column;
    span_position(where, &number, &column);
    fprintf(out, "%5u | ", number);
    show_line(out, line);
    fputs("      | ", out);
    show_caret(out, line, place, where.len);
}

// What is being reported, before its text.
struct report {
    enum severity severity;
    enum tag tag;
    struct span span;
    const char *where;
};

static bool count(struct diag *diag, const struct report *report) {
    if (report->severity == SEVERITY_ERROR) {
        diag->errors++;
        diag->last = report->tag;
    } else if (report->severity == SEVERITY_WARNING) {
        diag->warnings++;
    }
    return !diag->quiet && diag->out &&
           (!diag->like_dtrace || diag->errors <= 1);
}

// dtrace: failed to compile script hist.d: [D_AGG_SCALAR] line 3: ...
static void show_like_dtrace(const struct diag *diag,
                             const struct report *report) {
    unsigned line, column;
    span_position(report->span, &line, &column);
    struct str failure = report->span.source->failure;
    fprintf(diag->out, "%s: %.*s: ", diag->program, STR_ARGS(failure));
    if (diag->show_tags)
        fprintf(diag->out, "[%s] ", tag_name(report->tag));
    fprintf(diag->out, "line %u: ", line);
}

static void show_where(const struct diag *diag, const struct report *report) {
    if (report->span.source) {
        unsigned line, column;
        span_position(report->span, &line, &column);
        struct str name = report->span.source->name;
        fprintf(diag->out, "%.*s:%u:%u: ", STR_ARGS(name), line, column);
    } else {
        const char *where = report->where ? report->where : diag->program;
        if (where)
            fprintf(diag->out, "%s: ", where);
    }
}

static void show(struct diag *diag, const struct report *report,
                 const char *format, va_list args) {
    static const char *const names[] = {
        [SEVERITY_NOTE] = "note",
        [SEVERITY_WARNING] = "warning",
        [SEVERITY_ERROR] = "error",
    };
    if (!count(diag, report))
        return;
    bool like_dtrace = diag->like_dtrace && report->span.source &&
                       report->severity == SEVERITY_ERROR;
    if (like_dtrace) {
        show_like_dtrace(diag, report);
    } else {
        show_where(diag, report);
        fprintf(diag->out, "%s: ", names[report->severity]);
    }
    vfprintf(diag->out, format, args);
    if (diag->show_tags && !like_dtrace)
        fprintf(diag->out, " [%s]", tag_name(report->tag));
    fputc('\n', diag->out);
    if (report->span.source)
        show_place(diag->out, report->span);
}

void diag_error(struct diag *diag, enum tag tag, struct span where,
                const char *format, ...) {
    va_list args;
    va_start(args, format);
    show(diag, &(struct report){SEVERITY_ERROR, tag, where, NULL}, format,
         args);
    va_end(args);
}

void diag_warning(struct diag *diag, enum tag tag, struct span where,
                  const char *format, ...) {
    va_list args;
    va_start(args, format);
    show(diag, &(struct report){SEVERITY_WARNING, tag, where, NULL}, format,
         args);
    va_end(args);
}

void diag_error_at(struct diag *diag, enum tag tag, const char *where,
                   const char *format, ...) {
    va_list args;
    va_start(args, format);
    show(diag, &(struct report){SEVERITY_ERROR, tag, {0}, where}, format, args);
    va_end(args);
}

void diag_warning_at(struct diag *diag, enum tag tag, const char *where,
                     const char *format, ...) {
    va_list args;
    va_start(args, format);
    show(diag, &(struct report){SEVERITY_WARNING, tag, {0}, where}, format,
         args);
    va_end(args);
}

void diag_failure(struct diag *diag, enum tag tag, const struct source *source,
                  const char *text) {
    struct str failure = source->failure;
    if (!diag->like_dtrace || diag->errors) {
        diag_error_at(diag, tag, source->name.p, "%s", text);
        return;
    }
    diag->errors++;
    diag->last = tag;
    if (!diag->quiet && diag->out)
        fprintf(diag->out, "%s: %.*s: %s\n", diag->program, STR_ARGS(failure),
                text);
}

void diag_help(struct diag *diag, const char *format, ...) {
    if (diag->quiet || !diag->out || (diag->like_dtrace && diag->errors > 1))
        return;
    va_list args;
    va_start(args, format);
    fputs("      help: ", diag->out);
    vfprintf(diag->out, format, args);
    fputc('\n', diag->out);
    va_end(args);
}
