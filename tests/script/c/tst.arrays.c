// --- what is filled in, site by site ---

extern HIDDEN const char mct_texts[];
extern HIDDEN const uint64_t mct_value_1;
extern HIDDEN const uint64_t mct_value_0;
extern HIDDEN const uint64_t mct_value_2;
extern HIDDEN const uint64_t mct_value_3;

// --- shapes ---

// Shape 0: the clause of line 5, for sites at which it comes to this.
//
//     pid$target:a.out:leaf:entry
//     {
//         calls[arg0, probefunc]++;
//         self->names[arg0] = execname;
//         @who[self->names[arg0], pid] = max(calls[arg0, probefunc]);
//     }
//
// At pid:a.out:leaf:entry
SHAPE void mct_shape_0(ARGUMENTS) {
    {
        uint64_t fault_code = 0, fault_value = 0, fault_place = 0;
        uint8_t *scratch_kept;
        bool has_execname = false;
        const char *the_execname = 0;
        uint64_t key7[35];
        uint64_t key9[35];
        bool has_pid = false;
        int32_t the_pid = 0;
        struct mct_firing *firing = mct_enter(1);
        if (!firing) {
            goto next;
        }
        struct mct_thread *thread = firing->thread;
        scratch_kept = firing->scratch_top;
        // calls[arg0, probefunc]++
        uint64_t *key1 = mct_room(firing, 280);
        if (firing->fault) {
            fault_place = 1;
            goto failed;
        }
        key1[0] = 0;
        key1[1] = (uint64_t)(int32_t)rdi;
        uint64_t used1 = 2;
        used1 += mct_key_text(key1 + used1, mct_texts + mct_value_1);
        uint8_t *at2 = mct_dynvar_find(key1, used1, 0x210023000aull);
        int64_t tmp3 = at2 ? *(int64_t *)at2 : 0;
        int64_t tmp4 = tmp3 + 1;
        uint64_t *key5 = mct_room(firing, 280);
        if (firing->fault) {
            fault_place = 2;
            goto failed;
        }
        key5[0] = 0;
        key5[1] = (uint64_t)(int32_t)rdi;
        uint64_t used5 = 2;
        used5 += mct_key_text(key5 + used5, mct_texts + mct_value_0);
        if (!tmp4) {
            mct_dynvar_free(key5, used5, 0x210023000aull);
        } else {
            uint8_t *at6 = mct_dynvar_make(key5, used5, 0x210023000aull);
            if (at6) {
                *(int64_t *)at6 = tmp4;
            }
        }
        firing->scratch_top = scratch_kept;
        // self->names[arg0] = execname
        if (!has_execname) {
            the_execname = mct_execname(firing);
            if (firing->fault) {
                fault_place = 3;
                goto failed;
            }
            scratch_kept = firing->scratch_top;
            has_execname = true;
        }
        key7[0] = 1;
        key7[1] = *(uint64_t *)&thread->tid;
        key7[2] = (uint64_t)(int32_t)rdi;
        if (!the_execname) {
            mct_dynvar_free(key7, 3, 0x210023000aull);
        } else {
            uint8_t *at8 = mct_dynvar_make_quickly(key7, 3, 0x210023000aull);
            if (at8) {
                mct_string_assign((char *)at8, the_execname, 258);
            }
        }
        firing->scratch_top = scratch_kept;
        // @who[self->names[arg0], pid] = max(calls[arg0, probefunc])
        key9[0] = 1;
        key9[1] = *(uint64_t *)&thread->tid;
        key9[2] = (uint64_t)(int32_t)rdi;
        uint8_t *at10 = mct_dynvar_find_quickly(key9, 3, 0x210023000aull);
        const char *tmp11 = at10 ? (at10[257] ?
            (const char *)at10 : 0) : (const char *)0;
        if (!has_pid) {
            the_pid = mct_pid();
            has_pid = true;
        }
        uint64_t *key12 = mct_room(firing, 272);
        if (firing->fault) {
            fault_place = 4;
            goto failed;
        }
        uint64_t used12 = 0;
        used12 += mct_key_text(key12 + used12, tmp11);
        key12[used12++] = (uint64_t)the_pid;
        uint64_t *key13 = mct_room(firing, 280);
        if (firing->fault) {
            fault_place = 5;
            goto failed;
        }
        key13[0] = 0;
        key13[1] = (uint64_t)(int32_t)rdi;
        uint64_t used13 = 2;
        used13 += mct_key_text(key13 + used13, mct_texts + mct_value_2);
        uint8_t *at14 = mct_dynvar_find(key13, used13, 0x210023000aull);
        int64_t tmp15 = at14 ? *(int64_t *)at14 : 0;
        uint64_t *cells16 =
            mct_agg_find((struct mct_table *)(mct_region + 320), key12,
            used12, 0x20022000dull);
        if (cells16) {
            mct_agg_max(cells16, (uint64_t)tmp15, 1, 0, 0, 0, 0);
        }
        firing->scratch_top = scratch_kept;
        goto leave;
    failed:;
        mct_fault(firing, fault_code, fault_value, 0, mct_value_3,
            fault_place);
        fault_code = 0;
    leave:;
        mct_leave(firing);
    }
next:;
    NEXT;
}

// Shape 1: the clause of line 12, for sites at which it comes to this.
//
//     pid$target:a.out:leaf:return
//     {
//         calls[0, "leaf"] = 0;
//     }
//
// At pid:a.out:leaf:return
SHAPE void mct_shape_1(ARGUMENTS) {
    {
        uint64_t fault_code = 0, fault_value = 0, fault_place = 0;
        uint8_t *scratch_kept;
        struct mct_firing *firing = mct_enter(1);
        if (!firing) {
            goto next;
        }
        scratch_kept = firing->scratch_top;
        // calls[0, "leaf"] = 0
        uint64_t *key1 = mct_room(firing, 280);
        if (firing->fault) {
            fault_place = 1;
            goto failed;
        }
        key1[0] = 0;
        key1[1] = 0;
        uint64_t used1 = 2;
        used1 += mct_key_text(key1 + used1, mct_texts + 1 /* "leaf" */);
        if (!0ll) {
            mct_dynvar_free(key1, used1, 0x210023000aull);
        } else {
            uint8_t *at2 = mct_dynvar_make(key1, used1, 0x210023000aull);
            if (at2) {
                *(int64_t *)at2 = 0ll;
            }
        }
        firing->scratch_top = scratch_kept;
        goto leave;
    failed:;
    leave:;
        mct_leave(firing);
    }
next:;
    NEXT;
}
