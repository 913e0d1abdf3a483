// report.c: the ledger: every matched site, how it was reached or why not.

#include "rewrite/plan.h"

// --- gathering ------------------------------------------------------------

static const struct place *site_place(const struct plan *plan, uint32_t shot,
                                      size_t *at) {
    while (*at < plan->place_count &&
           plan->places[*at].first + plan->places[*at].count <= shot)
        (*at)++;
    if (*at == plan->place_count || plan->places[*at].first > shot)
        return NULL;
    return &plan->places[*at];
}

static uint8_t window_tactic(const struct window *window,
                             const struct place *place) {
    if (window->flags & WINDOW_BY_CALL)
        return TACTIC_CALL;
    uint8_t tactic =
        window->tactic == TACTIC_CALL ? TACTIC_DIRECT : window->tactic;
    if (tactic == TACTIC_DIRECT || tactic == TACTIC_BEFORE)
        return place->va == window->va ? TACTIC_DIRECT : TACTIC_BEFORE;
    return tactic;
}

static void describe(struct plan *plan, const struct place *place,
                     struct site_report *report) {
    const struct window *window = window_find(plan, place->va);
    report->reason = place->reason;
    if (!place->reached || window == NULL) {
        report->tactic = TACTIC_MISSED;
        return;
    }
    report->tactic = window_tactic(window, place);
    report->window_va = window->va;
    report->trampoline_va = plan->text_va + window->text_off;
    if (window->flags & WINDOW_UNENTERED)
        return;
    report->after = patch_at(plan, window->va);
    report->before = image_bytes(plan->program->image, window->va);
    if (report->before.n > report->after.n)
        report->before.n = report->after.n;
}

static bool is_reported(const struct rewrite_result *result,
                        const struct site *site) {
    for (size_t i = result->site_count; i > 0; i--) {
        if (result->sites[i - 1].site == site)
            return true;
        if (result->sites[i - 1].site->va != site->va)
            break;
    }
    return false;
}

void report_sites(struct plan *plan) {
    struct rewrite_result *result = plan->result;
    const struct rewrite_input *input = plan->input;
    size_t at = 0;
    result->sites =
        ARENA_ARRAY(plan->arena, struct site_report, input->shot_count);
    for (uint32_t i = 0; i < input->shot_count; i++) {
        const struct site *site = input->shots[i].site;
        if (is_reported(result, site))
            continue;
        struct site_report *report = &result->sites[result->site_count++];
        report->site = site;
        if (site->program == NULL)
            report->tactic = TACTIC_FUNCTION;
        else
            describe(plan, site_place(plan, i, &at), report);
        result->by_tactic[report->tactic]++;
    }
}

// --- writing --------------------------------------------------------------

static void put_text(struct bytes *out, const char *text) {
    struct str s = str_from(text);
    bytes_add(out, s.p, s.n);
}

static void put_quoted(struct bytes *out, struct str text) {
    static const char digits[] = "0123456789abcdef";
    bytes_u8(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = (uint8_t)text.p[i];
        if (c == '"' || c == '\\') {
            bytes_u8(out, '\\');
            bytes_u8(out, c);
        } else if (c < 0x20 || c >= 0x7f) {
            // Bytes of names that are no ASCII are shown as Latin 1.
            put_text(out, "\\u00");
            bytes_u8(out, (uint8_t)digits[c >> 4]);
            bytes_u8(out, (uint8_t)digits[c & 15]);
        } else {
            bytes_u8(out, c);
        }
    }
    bytes_u8(out, '"');
}

static void put_member(struct bytes *out, const char *name, struct str value) {
    put_text(out, ", \"");
    put_text(out, name);
    put_text(out, "\": ");
    put_quoted(out, value);
}

static void put_va(struct bytes *out, const char *name, uint64_t va) {
    char text[32];
    snprintf(text, sizeof text, "0x%llx", (unsigned long long)va);
    put_member(out, name, str_from(text));
}

static void put_hex(struct bytes *out, const char *name, struct slice bytes) {
    char text[64];
    size_t n = 0;
    for (size_t i = 0; i < bytes.n && n + 3 < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%02x", bytes.p[i]);
    put_member(out, name, (struct str){text, n});
}

static void put_site(struct bytes *out, struct str image,
                     const struct site_report *report) {
    const struct site *site = report->site;
    put_text(out, "{\"image\": ");
    put_quoted(out, image);
    put_member(out, "provider", site->provider);
    put_member(out, "function",
               site->function != NULL ? site->function->name : site->probefunc);
    if (!str_equal(site->probefunc, site->function != NULL
                                        ? site->function->name
                                        : site->probefunc))
        put_member(out, "probefunc", site->probefunc);
    put_member(out, "name", site->name);
    if (site->program != NULL)
        put_va(out, "va", site->va);
    put_member(out, "tactic", str_from(tactic_name(report->tactic)));
    if (report->trampoline_va != 0) {
        put_va(out, "window", report->window_va);
        put_va(out, "trampoline", report->trampoline_va);
        put_hex(out, "before", report->before);
        put_hex(out, "after", report->after);
    }
    if (report->reason != NULL)
        put_member(out, report->tactic == TACTIC_MISSED ? "reason" : "remark",
                   str_from(report->reason));
    put_text(out, "}");
}

// What the script asked for; the list names MCTrace's own probes as well.
static void put_totals(struct bytes *out,
                       const struct rewrite_result *const *results,
                       size_t count) {
    size_t by_tactic[TACTIC_COUNT] = {0}, sites = 0;
    uint64_t added = 0;
    char text[64];
    for (size_t i = 0; i < count; i++) {
        added += results[i]->bytes_added;
        for (size_t k = 0; k < results[i]->site_count; k++) {
            const struct site_report *report = &results[i]->sites[k];
            if (site_is_internal(report->site))
                continue;
            sites++;
            by_tactic[report->tactic]++;
        }
    }
    snprintf(text, sizeof text, "{\"sites\": %zu, \"bytes_added\": %llu", sites,
             (unsigned long long)added);
    put_text(out, text);
    for (int k = 0; k < TACTIC_COUNT; k++) {
        snprintf(text, sizeof text, ", \"%s\": %zu",
                 tactic_name((enum tactic)k), by_tactic[k]);
        put_text(out, text);
    }
    put_text(out, "}");
}

struct str report_json(struct arena *arena,
                       const struct rewrite_result *const *results,
                       const struct program *const *programs, size_t count) {
    struct bytes out;
    bytes_init(&out, arena, ORDER_LITTLE);
    put_text(&out, "{\"totals\": ");
    put_totals(&out, results, count);
    put_text(&out, ",\n\"sites\": [");
    const char *separator = "\n";
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < results[i]->site_count; k++) {
            put_text(&out, separator);
            put_site(&out, programs[i]->image->name, &results[i]->sites[k]);
            separator = ",\n";
        }
    }
    put_text(&out, "\n]}\n");
    return (struct str){(const char *)out.p, out.n};
}
