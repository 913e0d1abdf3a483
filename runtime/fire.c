// fire.c: what happens around clauses: the end of tracing, and faults.
//
// Tracing ends once, by exit() in a clause or with the process, whichever is
// first to move the state on; who moved it runs the clauses of END.

#include "rt.h"

// Whether the caller is the one who ends tracing.
static bool begin_end(void) {
    uint32_t state = __atomic_load_n(&MCT_HEADER->state, __ATOMIC_RELAXED);
    while (state < MCT_STATE_ENDING)
        if (__atomic_compare_exchange_n(&MCT_HEADER->state, &state,
                                        MCT_STATE_ENDING, true,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return true;
    return false;
}

void mct_run_end(void) {
    if (!begin_end())
        return;
    mct_end();
    __atomic_store_n(&MCT_HEADER->state, MCT_STATE_ENDED, __ATOMIC_RELAXED);
}

void mct_exit(int32_t status) {
    __atomic_store_n(&MCT_HEADER->exit_status, status, __ATOMIC_RELAXED);
    if (mct_config.flags & MCT_CONFIG_WATCHED)
        begin_end(); // END is the host's
    else
        mct_run_end();
}

// A fault within ERROR is counted, or it would be told for ever.
static void raise_error(struct mct_firing *firing,
                        const struct mct_fault_record *record) {
    struct mct_thread *thread = firing->thread;
    if (thread->in_error && thread->depth > 1) {
        mct_cell_add(&MCT_HEADER->drops[MCT_DROP_ERROR], 1);
        return;
    }
    mct_record_write(firing, MCT_ENABLING_FAULT, record, sizeof *record);
    uint64_t *args = thread->told_args, before = args[1];
    args[1] = record->probe;
    args[2] = record->clause;
    args[3] = record->place;
    args[4] = record->code;
    args[5] = record->value;
    thread->in_error = 1;
    mct_error();
    thread->in_error = 0;
    args[1] = before; // of the probe that failed, for its other clauses
}

void mct_fault(struct mct_firing *firing, uint64_t code, uint64_t value,
               uint64_t clause, uint64_t probe, uint64_t place) {
    mct_cell_add(&MCT_HEADER->faults, 1);
    if (code != 0) {
        firing->fault = code;
        firing->fault_value = value;
    }
    struct mct_fault_record record = {(uint32_t)clause, (uint32_t)probe, place,
                                      firing->fault, firing->fault_value};
    firing->fault = 0;
    raise_error(firing, &record);
}

void mct_fault_alone(uint64_t code, uint64_t value, uint64_t clause,
                     uint64_t probe, uint64_t place) {
    struct mct_firing *firing = mct_enter_slowly(1, sys_stack());
    if (!firing) {
        mct_cell_add(&MCT_HEADER->faults, 1);
        return;
    }
    mct_fault(firing, code, value, clause, probe, place);
    firing->thread->depth--;
}
