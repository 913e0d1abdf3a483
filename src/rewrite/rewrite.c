// rewrite.c: from shots to the bytes that are changed and added.
//
// Added code                          added read-only data
//
//     runtime functions                   their constants
//     -- mct_text, on a new page --       mct_config
//     stencils that are called            mct_merges, mct_drains, mct_timers
//     far jumps to what comes last        mct_search, the layout's texts
//     trampolines, by function
//     mct_begin, mct_end, mct_error
//     a return, for what is not there     values of holes, each once
//                                         mct_locks
//
// mct_arm makes everything from mct_text on writable for a moment, and runs
// from the code of the runtime meanwhile; hence the page, where the machine has
// lock prefixes. Everything but the
// values and the locks has its address before the first trampoline is written.

#include "rewrite/plan.h"

#include <string.h>

#include "mctrace/region.h"

#define DATA_ALIGN  16
#define MOST_ROUNDS 5

static const char *const tactic_names[TACTIC_COUNT] = {
    [TACTIC_DIRECT] = "direct",     [TACTIC_BEFORE] = "before",
    [TACTIC_PADDING] = "padding",   [TACTIC_ISLAND] = "island",
    [TACTIC_CALL] = "call",         [TACTIC_RETARGET] = "retarget",
    [TACTIC_FUNCTION] = "function", [TACTIC_MISSED] = "missed",
};

const char *tactic_name(enum tactic tactic) {
    return tactic < TACTIC_COUNT ? tactic_names[tactic] : "?";
}

// Where the pieces of the read-only data start.
struct data_places {
    uint64_t config_off, merges_off, drains_off, timers_off, search_off,
        texts_off, library_off, values_off, locks_off;
};

static uint64_t aligned(uint64_t off, uint64_t alignment) {
    return (off + alignment - 1) / alignment * alignment;
}

// What the data of a library is made from when the program starts.
static uint64_t library_len(const struct stencil_set *set) {
    return sizeof(struct mct_library) +
           set->data_point_count * sizeof(struct mct_library_word) +
           set->data.n;
}

// What lies where from `va` on; returns its length.
//
//     Linux             region, private, library       the region on a page
//     nothing           private, library, region, records
//
static uint64_t place_memory(struct plan *plan, uint64_t va) {
    const struct rewrite_input *input = plan->input;
    uint64_t len = input->layout->region_len;
    uint64_t data_len = aligned(input->stencils->data_len, DATA_ALIGN);
    if (plan->program->image->is_bare) {
        plan->private_va = va;
        plan->library_va = va + input->config->private_len;
        plan->region_va = plan->library_va + data_len;
        return plan->region_va + len + input->config->ring_len - va;
    }
    plan->region_va = va;
    plan->private_va = va + len;
    plan->library_va = plan->private_va + MCT_PRIVATE_LEN;
    return plan->library_va + data_len - va;
}

static void place_data(struct plan *plan, struct data_places *places) {
    const struct rewrite_input *input = plan->input;
    uint64_t base_va = plan->result->room.rodata_va;
    timers_find(plan);
    places->config_off = aligned(input->stencils->rodata.n, DATA_ALIGN);
    uint64_t config_len = plan->program->image->is_bare
                              ? offsetof(struct mct_config, path) + 16
                              : sizeof(struct mct_config);
    places->merges_off = aligned(places->config_off + config_len, DATA_ALIGN);
    places->drains_off =
        places->merges_off + input->merge_count * sizeof(struct mct_merge);
    places->timers_off =
        aligned(places->drains_off + input->drains.n, DATA_ALIGN);
    places->search_off =
        aligned(places->timers_off + timers_len(plan), DATA_ALIGN);
    places->texts_off = places->search_off + search_len(plan);
    places->library_off =
        aligned(places->texts_off + input->layout->texts.n, DATA_ALIGN);
    places->values_off =
        aligned(places->library_off + library_len(input->stencils), DATA_ALIGN);
    plan->texts_va = base_va + places->texts_off;
    plan->values_va = base_va + places->values_off;
}

// --- what is added --------------------------------------------------------

static void add_shared(struct plan *plan) {
    const struct slice shared = plan->input->stencils->shared;
    bytes_add(&plan->text, shared.p, shared.n);
    bool is_armed = plan->arch->lock_prefix && !plan->program->image->is_bare;
    uint32_t alignment = is_armed ? plan->arch->page : DATA_ALIGN;
    bytes_align(&plan->text, alignment, plan->arch->padding_byte);
    plan->arm_off = (uint32_t)plan->text.n;
}

struct extern_row {
    const char *name;
    uint64_t va;
};

static bool resolve_externs(struct plan *plan, const struct extern_row *rows,
                            size_t count) {
    const struct stencil_set *set = plan->input->stencils;
    for (size_t i = 0; i < set->extern_count; i++) {
        size_t k = 0;
        while (k < count && !str_is(set->externs[i], rows[k].name))
            k++;
        if (k == count) {
            diag_error_at(plan->diag, R_UNDEFINED, NULL,
                          "generated code refers to '%.*s'",
                          STR_ARGS(set->externs[i]));
            return false;
        }
        plan->extern_vas[i] = rows[k].va;
    }
    return true;
}

// How code at va is referred to: the address tells its mode, if there are any.
static uint64_t code_address(const struct arch *arch, unsigned mode,
                             uint64_t va) {
    return arch->modes ? va | mode : va;
}

// The functions the runtime calls; then everything has an address.
static bool add_functions(struct plan *plan, struct data_places *places) {
    const struct image *image = plan->program->image;
    ways_enter_mode(plan, plan->stencil_arch->mode);
    const struct arch *arch = plan->arch;
    bytes_align(&plan->text, arch->insn_align, arch->padding_byte);
    uint64_t base_va = plan->result->room.rodata_va;
    const struct site metas[] = {
        {.kind = SITE_BEGIN, .name = STR("BEGIN")},
        {.kind = SITE_END, .name = STR("END")},
        {.kind = SITE_ERROR, .name = STR("ERROR")},
        {.kind = SITE_EXECUTED, .name = STR("exec-success")}};
    uint64_t meta_va[COUNT_OF(metas)];
    for (size_t i = 0; i < COUNT_OF(metas); i++) {
        meta_va[i] = code_address(arch, arch->mode, plan_text_end(plan));
        trampoline_function(
            plan, &metas[i],
            str_format(plan->arena, "mctrace:%.*s", STR_ARGS(metas[i].name)));
    }
    timers_add_code(plan);
    uint64_t nothing_va = code_address(arch, arch->mode, plan_text_end(plan));
    plan->arch->ret(&plan->text);
    places->locks_off = places->values_off + plan->values.n;
    const struct extern_row rows[] = {
        {"mct_config", base_va + places->config_off},
        {"mct_merges", base_va + places->merges_off},
        {"mct_drains", base_va + places->drains_off},
        {"mct_timers", base_va + places->timers_off},
        {"mct_search", base_va + places->search_off},
        {"mct_locks", base_va + places->locks_off},
        {"mct_library", base_va + places->library_off},
        {"mct_text", plan->text_va + plan->arm_off},
        {"mct_base", plan->text_va},
        {"mct_image", 0},
        {"mct_begin", meta_va[0]},
        {"mct_end", meta_va[1]},
        {"mct_error", meta_va[2]},
        {"mct_executed", meta_va[3]},
        {"mct_original_entry",
         code_address(arch, image_mode_at(image, image->entry_va),
                      image->is_bare ? plan->resume_va : image->entry_va)},
        {"mct_original_init",
         image->init_va != 0
             ? code_address(arch, image_mode_at(image, image->init_va),
                            image->init_va)
             : nothing_va},
    };
    return resolve_externs(plan, rows, COUNT_OF(rows));
}

static void unlock(struct plan *plan) {
    if (plan->input->locks != LOCKS_FLIP)
        return;
    for (size_t i = 0; i < plan->lock_count; i++)
        plan->text.p[plan->locks[i]] = plan->arch->unlocked_byte;
}

static void write_config(struct plan *plan, struct bytes *out) {
    struct mct_config *config = plan->input->config;
    bool flips = plan->input->locks == LOCKS_FLIP;
    config->lock_count = flips ? (uint32_t)plan->lock_count : 0;
    config->merge_count = plan->input->merge_count;
    config->text_len = plan->text.n - plan->arm_off;
    config->own_va = plan->result->room.rodata_va + out->n;
    uint32_t off;
    if (flips)
        config->flags |= MCT_CONFIG_FLIP_LOCKS;
    if (stencil_find_function(plan->input->stencils, "mct_record_by_platform",
                              &off))
        config->flags |= MCT_CONFIG_SENDS;
    _Static_assert(sizeof *config == 200 + sizeof config->path,
                   "written below");
    bytes_add(out, config->identity, sizeof config->identity);
    bytes_u64(out, config->region_len);
    bytes_u64(out, config->vars_off);
    bytes_u64(out, config->vars_len);
    bytes_u64(out, config->aggs_off);
    bytes_u64(out, config->aggs_len);
    bytes_u64(out, config->sites);
    bytes_u64(out, config->missed);
    bytes_u32(out, config->flags);
    bytes_u32(out, config->lock_count);
    bytes_u32(out, config->merge_count);
    bytes_u32(out, config->image_count);
    bytes_u64(out, config->text_len);
    bytes_u64(out, config->own_va);
    bytes_u64(out, config->strsize);
    bytes_u64(out, config->alloca_len);
    bytes_u64(out, config->scratch_len);
    bytes_u64(out, config->self_len);
    bytes_u64(out, config->this_len);
    bytes_u64(out, config->bufsize);
    bytes_u64(out, config->dynvar_off);
    bytes_u64(out, config->dynvar_len);
    bytes_u64(out, config->spec_off);
    bytes_u64(out, config->specsize);
    bytes_u32(out, config->nspec);
    bytes_u32(out, config->frames_most);
    bytes_u64(out, config->watcher);
    if (plan->program->image->is_bare) {
        bytes_u64(out, config->ring_len);
        bytes_u64(out, config->private_len);
    } else {
        bytes_add(out, config->path, sizeof config->path);
    }
}

static void write_merges(const struct plan *plan, struct bytes *out) {
    _Static_assert(sizeof(struct mct_merge) == 16, "written below");
    for (uint32_t i = 0; i < plan->input->merge_count; i++) {
        const struct mct_merge *merge = &plan->input->merges[i];
        bytes_u64(out, merge->off);
        bytes_u32(out, merge->count);
        bytes_u8(out, merge->op);
        bytes_u8(out, merge->width);
        bytes_u8(out, merge->agg);
        bytes_u8(out, merge->pad);
    }
}

static void write_points(struct plan *plan, uint8_t *p, uint64_t va,
                         const struct patch_point *points, size_t count) {
    for (size_t i = 0; i < count; i++)
        fill_store(plan, p + points[i].off, va + points[i].off, &points[i],
                   fill_target(plan, &points[i], NULL, 0));
}

static void write_library(struct plan *plan, struct bytes *out) {
    const struct stencil_set *set = plan->input->stencils;
    _Static_assert(sizeof(struct mct_library) == 16 &&
                       sizeof(struct mct_library_word) == 16,
                   "written below");
    bytes_u64(out, set->data.n);
    bytes_u64(out, set->data_point_count);
    for (size_t i = 0; i < set->data_point_count; i++) {
        const struct patch_point *point = &set->data_points[i];
        bytes_u32(out, point->off);
        bytes_u32(out, point->reloc->len);
        bytes_u64(out,
                  fill_target(plan, point, NULL, 0) + (uint64_t)point->addend);
    }
    bytes_add(out, set->data.p, set->data.n);
}

static struct slice write_data(struct plan *plan,
                               const struct data_places *places) {
    const struct stencil_set *set = plan->input->stencils;
    const struct layout *layout = plan->input->layout;
    struct bytes data;
    bytes_init(&data, plan->arena, plan->arch->order);
    bytes_add(&data, set->rodata.p, set->rodata.n);
    bytes_add_zero(&data, places->config_off - data.n);
    write_config(plan, &data);
    bytes_add_zero(&data, places->merges_off - data.n);
    write_merges(plan, &data);
    bytes_add(&data, plan->input->drains.p, plan->input->drains.n);
    bytes_add_zero(&data, places->timers_off - data.n);
    timers_write(plan, plan->result->room.rodata_va + places->timers_off,
                 &data);
    bytes_add_zero(&data, places->search_off - data.n);
    search_write(plan, plan->result->room.rodata_va + places->search_off,
                 &data);
    bytes_add(&data, layout->texts.p, layout->texts.n);
    bytes_add_zero(&data, places->library_off - data.n);
    write_library(plan, &data);
    bytes_add_zero(&data, places->values_off - data.n);
    bytes_add(&data, plan->values.p, plan->values.n);
    if (plan->input->locks == LOCKS_FLIP)
        for (size_t i = 0; i < plan->lock_count; i++)
            bytes_u32(&data, plan->locks[i] - plan->arm_off);
    write_points(plan, data.p, plan->result->room.rodata_va, set->rodata_points,
                 set->rodata_point_count);
    return (struct slice){data.p, data.n};
}

// --- the whole ------------------------------------------------------------

static void find_starts(struct plan *plan) {
    const struct image *image = plan->program->image;
    struct image_additions *additions = &plan->result->additions;
    uint32_t off;
    if (image->is_bare)
        return; // its first instruction leads there
    // The kernel starts a loader by its entry point, like a program.
    bool starts = image->is_program || plan->input->is_loader;
    if (starts &&
        stencil_find_function(plan->input->stencils, "mct_entry", &off))
        additions->new_entry_va = code_address(
            plan->stencil_arch, plan->stencil_arch->mode, plan->text_va + off);
    if (!starts &&
        stencil_find_function(plan->input->stencils, "mct_init", &off))
        additions->new_init_va = code_address(
            plan->stencil_arch, plan->stencil_arch->mode, plan->text_va + off);
}

static void name_shared(struct plan *plan) {
    const struct stencil_set *set = plan->input->stencils;
    for (size_t i = 0; i < set->function_count; i++)
        *ARENA_PUSH(plan->arena, plan->symbols, plan->symbol_count,
                    plan->symbol_room) =
            (struct image_symbol){.name = set->functions[i].name,
                                  .va = plan->text_va + set->functions[i].off,
                                  .len = set->functions[i].len,
                                  .mode = plan->stencil_arch->mode};
}

static void fill_additions(struct plan *plan, struct slice rodata) {
    struct image_additions *additions = &plan->result->additions;
    frames_finish(plan);
    patch_semaphores(plan);
    patch_sort(plan);
    additions->text = (struct slice){plan->text.p, plan->text.n};
    additions->rodata = rodata;
    additions->region_len = plan->memory_len;
    additions->patches = plan->patches;
    additions->patch_count = plan->patch_count;
    additions->symbols = plan->symbols;
    additions->symbol_count = plan->symbol_count;
    additions->frames = plan->frames;
    additions->frame_count = plan->frame_count;
    additions->relocs = plan->relocs;
    additions->reloc_count = plan->reloc_count;
    plan->result->bytes_added = plan->text.n + rodata.n;
    plan->result->trampolines_len = plan->values.n;
    for (size_t i = 0; i < plan->window_count; i++)
        plan->result->trampolines_len += plan->windows[i].text_len;
    find_starts(plan);
}

static bool build(struct plan *plan) {
    struct data_places places = {0};
    place_data(plan, &places);
    plan->result->config_off = places.config_off;
    if (!ways_choose(plan))
        return false;
    fill_prepare(plan);
    frames_mark_code(plan);
    add_shared(plan);
    name_shared(plan);
    place_all(plan);
    bare_add_place(plan);
    stackless_find(plan);
    called_write(plan);
    veneers_begin(plan);
    plan_functions(plan);
    if (plan->wanted_text)
        return true;
    relay_places(plan);
    if (!bare_check_start(plan) || !add_functions(plan, &places))
        return false;
    retarget_finish(plan);
    patch_windows(plan);
    veneers_finish(plan);
    fill_deferred(plan);
    write_points(plan, plan->text.p, plan->text_va,
                 plan->input->stencils->shared_points,
                 plan->input->stencils->shared_point_count);
    unlock(plan);
    fill_additions(plan, write_data(plan, &places));
    report_sites(plan);
    return !plan->failed;
}

// Whether addresses in generated code must be relative to a base: where the
// image may lie anywhere and no loader is there to relocate code. A program may
// relocate itself, and musl's loader knows no such relocations.
static bool wants_base(const struct plan *plan) {
    const struct image *image = plan->program->image;
    struct str loader = str_base_name(image->interpreter);
    return plan->arch->load_base && image->is_relocatable && !image->is_bare &&
           (!image->is_dynamic || plan->input->is_loader ||
            str_starts_with(loader, STR("ld-musl")));
}

// Whether the code fits ahead of what lies behind it. Where flash is scarce
// that is constants, whose place is known when the code is there.
static bool code_fits(const struct plan *plan, uint64_t text_len) {
    const struct image_room *room = &plan->result->room;
    uint64_t len = plan->result->additions.text.n;
    if (plan->program->image->is_bare)
        return text_len && len <= text_len;
    return len <= room->text_end_va - room->text_va;
}

static void grow_needs(const struct plan *plan, struct image_needs *needs) {
    uint64_t len = plan->result->additions.text.n;
    if (plan->wanted_text) {
        needs->text_len = plan->wanted_text;
        needs->exceeds_plain = true;
    } else if (!code_fits(plan, needs->text_len)) {
        needs->text_len = plan->program->image->is_bare ? len : len + len / 8;
    } else {
        return;
    }
    needs->text_len = aligned(needs->text_len, DATA_ALIGN);
}

// Asks for more in `needs` if there was too little.
static bool build_with(const struct rewrite_input *input,
                       struct rewrite_result *result, struct image_needs *needs,
                       struct diag *diag) {
    struct plan *plan = ARENA_NEW(input->arena, struct plan);
    const struct arch *arch = input->program->arch;
    *result = (struct rewrite_result){0};
    plan->input = input;
    plan->result = result;
    plan->diag = diag;
    plan->arena = input->arena;
    plan->program = input->program;
    plan->arch = plan->stencil_arch = arch;
    plan->word = arch->abi.link == REG_NONE ? arch->bits / 8 : 0;
    plan->memory_len = place_memory(plan, 0);
    needs->region_len = plan->memory_len;
    if (!image_plan_room_for(input->program->image, needs, &result->room, diag))
        return false;
    place_memory(plan, result->room.region_va);
    plan->text_va = result->room.text_va;
    if (wants_base(plan))
        plan->base_va = plan->text_va;
    bytes_init(&plan->text, plan->arena, arch->order);
    bytes_init(&plan->values, plan->arena, arch->order);
    map_init(&plan->value_offs, plan->arena);
    map_init(&plan->block_offs, plan->arena);
    map_init(&plan->spare_at, plan->arena);
    plan->extern_vas =
        ARENA_ARRAY(plan->arena, uint64_t, input->stencils->extern_count);
    bool done = build(plan);
    grow_needs(plan, needs);
    return done;
}

// What does not fit is made again, with room for what there was and some more.
bool rewrite_build(const struct rewrite_input *input,
                   struct rewrite_result *result, struct diag *diag) {
    struct image_needs needs = {0};
    for (int round = 0; round < MOST_ROUNDS; round++) {
        uint64_t text_len = needs.text_len;
        if (!build_with(input, result, &needs, diag))
            return false;
        if (needs.text_len == text_len)
            return true;
    }
    diag_error_at(diag, R_ROOM, input->program->image->path.p,
                  "the length of added code does not settle");
    return false;
}

static void write_totals(const struct rewrite_input *input,
                         const struct rewrite_result *result) {
    enum byte_order order = input->program->arch->order;
    struct slice rodata = result->additions.rodata;
    uint8_t *config = (uint8_t *)rodata.p + result->config_off;
    store_uint(config + offsetof(struct mct_config, sites),
               input->config->sites, sizeof input->config->sites, order);
    store_uint(config + offsetof(struct mct_config, missed),
               input->config->missed, sizeof input->config->missed, order);
}

bool rewrite_commit(const struct rewrite_input *input,
                    struct rewrite_result *result, const char *path,
                    struct diag *diag) {
    struct image_additions *additions = &result->additions;
    write_totals(input, result);
    additions->mapping = input->mapping;
    additions->links = input->links;
    additions->interpreter = input->interpreter;
    return image_write(input->program->image, &result->room, additions, path,
                       diag);
}
