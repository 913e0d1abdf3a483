// --- what is filled in, site by site ---

extern HIDDEN const uint64_t mct_value_0;
extern HIDDEN uint64_t mct_slot_0[];
extern HIDDEN const uint64_t mct_value_1;
extern HIDDEN const uint64_t mct_value_2;
extern HIDDEN const uint64_t mct_value_3;
extern HIDDEN const uint64_t mct_value_4;

// --- the script's variables ---

#define global_wide (*(int64_t *)(mct_region + 320))
#define self_spec (*(int32_t *)((uint8_t *)thread + 512))

// --- shapes ---

// Shape 0: the clause of line 28, for sites at which it comes to this.
//
//     END
//     {
//         printa(@);
//         exit(wide != 0);
//     }
//
// At dtrace:::END
SHAPE void mct_shape_0(ARGUMENTS) {
    {
        bool exiting = false;
        int32_t status = 0;
        bool has_timestamp = false;
        uint64_t the_timestamp = 0;
        struct mct_firing *firing = mct_enter(1);
        if (!firing) {
            goto next;
        }
        mct_drain(firing, 0);
        uint8_t *record3 = mct_record_begin(firing, 24, 24);
        if (!record3) {
            goto recorded3;
        }
        // printa(@)
        // exit(wide != 0)
        status = (uint64_t)(global_wide != 0);
        *(int32_t *)(record3 + 16) = status;
        exiting = true;
        if (!has_timestamp) {
            the_timestamp = mct_timestamp();
            has_timestamp = true;
        }
        mct_record_end(firing, (uint32_t)mct_value_0, the_timestamp);
    recorded3:;
        if (exiting) {
            mct_exit(status);
        }
        mct_leave(firing);
    }
next:;
    NEXT;
}

// Shape 1: the clause of line 22, for sites at which it comes to this.
//
//     pid$target:a.out:work:entry
//     {
//         @ = count();
//         wide = *(int64_t *)alloca(8);
//     }
//
// At pid:a.out:work:entry
SHAPE void mct_shape_1(ARGUMENTS) {
    {
        uint64_t fault_code = 0, fault_value = 0, fault_place = 0;
        uint8_t *scratch_kept;
        if (((struct mct_region *)mct_region)->state >= MCT_STATE_ENDING) {
            goto next;
        }
        struct mct_firing *firing = mct_enter(1);
        if (!firing) {
            goto next;
        }
        scratch_kept = firing->scratch_top;
        // @ = count()
        mct_agg_count(mct_slot_0, 0, 1, 0, 0, 0, 0);
        // wide = *(int64_t *)alloca(8)
        uint64_t tmp1 = mct_alloca(firing, 8ll);
        if (firing->fault) {
            fault_place = 1;
            goto failed;
        }
        int64_t tmp2 = mct_load(firing, tmp1, 8);
        if (firing->fault) {
            fault_place = 2;
            goto failed;
        }
        global_wide = tmp2;
        firing->scratch_top = scratch_kept;
        goto leave;
    failed:;
        mct_fault(firing, fault_code, fault_value, 2, mct_value_1,
            fault_place);
        fault_code = 0;
    leave:;
        mct_leave(firing);
    }
next:;
    NEXT;
}

// Shape 2: the clause of line 9, for sites at which it comes to this.
//
//     pid$target:a.out:work:return
//     /arg1 != 0/
//     {
//         if (arg1 > 10) {
//             trace(arg1);
//             ustack(4);
//         } else {
//             self->spec = speculation();
//             speculate(self->spec);
//             trace("small");
//         }
//     }
//
// At pid:a.out:work:return
SHAPE void mct_shape_2(ARGUMENTS) {
    register uintptr_t in_rax __asm__("rax");
    register uintptr_t in_rbx __asm__("rbx");
    register uintptr_t in_sp __asm__("r11");
    register uintptr_t in_rbp __asm__("rbp");
    register uintptr_t in_r12 __asm__("r12");
    register uintptr_t in_r13 __asm__("r13");
    register uintptr_t in_r14 __asm__("r14");
    register uintptr_t in_r15 __asm__("r15");
    __asm__ volatile("" : "+r"(in_rax), "+r"(in_rbx), "+r"(in_sp),
        "+r"(in_rbp), "+r"(in_r12), "+r"(in_r13), "+r"(in_r14),
        "+r"(in_r15) : : "memory");
    uintptr_t rax = in_rax, rbx = in_rbx, sp = in_sp, rbp = in_rbp, r12 =
        in_r12, r13 = in_r13, r14 = in_r14, r15 = in_r15;
    {
        uint64_t fault_code = 0, fault_value = 0, fault_place = 0;
        uint8_t *scratch_kept;
        uint64_t state1[10];
        bool has_timestamp = false;
        uint64_t the_timestamp = 0;
        if (((struct mct_region *)mct_region)->state >= MCT_STATE_ENDING) {
            goto next;
        }
        if (!((int64_t)rax != 0)) {
            goto next;
        }
        struct mct_firing *firing = mct_enter(1);
        if (!firing) {
            goto next;
        }
        struct mct_thread *thread = firing->thread;
        scratch_kept = firing->scratch_top;
        if ((int64_t)rax > 10) {
            uint8_t *record1 = mct_record_begin(firing, 64, 24);
            if (!record1) {
                goto recorded1;
            }
            // trace(arg1)
            *(int64_t *)(record1 + 16) = (int64_t)rax;
            // ustack(4)
            state1[0] = mct_value_0;
            state1[1] = sp;
            state1[2] = rbx;
            state1[3] = rbp;
            state1[4] = r12;
            state1[5] = r13;
            state1[6] = r14;
            state1[7] = r15;
            state1[8] = 4;
            state1[9] = mct_value_1;
            mct_record_stack(firing, (uint64_t)(uintptr_t)state1, 4);
            if (!has_timestamp) {
                the_timestamp = mct_timestamp();
                has_timestamp = true;
            }
            mct_record_end(firing, (uint32_t)mct_value_2, the_timestamp);
        recorded1:;
        } else {
            uint8_t *record2 = mct_record_begin(firing, 24, 24);
            if (!record2) {
                goto recorded2;
            }
            // self->spec = speculation()
            int32_t tmp2 = mct_speculation();
            self_spec = tmp2;
            firing->scratch_top = scratch_kept;
            // speculate(self->spec)
            uint64_t tmp3 = mct_speculate(firing, (uint64_t)self_spec, 265);
            if (firing->fault) {
                fault_place = 1;
                goto failed2;
            }
            if (!tmp3) {
                mct_record_abort(firing);
                goto leave;
            }
            *(uint64_t *)(record2 + 16) = tmp3;
            // trace("small")
            if (!has_timestamp) {
                the_timestamp = mct_timestamp();
                has_timestamp = true;
            }
            mct_record_end(firing, (uint32_t)mct_value_3, the_timestamp);
            goto recorded2;
        failed2:;
            mct_record_abort(firing);
            mct_fault(firing, fault_code, fault_value, 1, mct_value_4,
                fault_place);
            fault_code = 0;
        recorded2:;
        }
    leave:;
        mct_leave(firing);
    }
next:;
    NEXT;
}

// Shape 3: the clause of line 4, for sites at which it comes to this.
//
//     pid$target:a.out:leaf:entry
//     {
//         printf("%d %s %d\n", arg0, copyinstr(arg1), 100 / arg1);
//     }
//
// At pid:a.out:leaf:entry
SHAPE void mct_shape_3(ARGUMENTS) {
    {
        uint64_t fault_code = 0, fault_value = 0, fault_place = 0;
        uint8_t *scratch_kept;
        bool has_timestamp = false;
        uint64_t the_timestamp = 0;
        if (((struct mct_region *)mct_region)->state >= MCT_STATE_ENDING) {
            goto next;
        }
        struct mct_firing *firing = mct_enter(1);
        if (!firing) {
            goto next;
        }
        scratch_kept = firing->scratch_top;
        uint8_t *record0 = mct_record_begin(firing, 296, 32);
        if (!record0) {
            goto recorded0;
        }
        // printf("%d %s %d\n", arg0, copyinstr(arg1), 100 / arg1)
        *(int64_t *)(record0 + 16) = (int64_t)rdi;
        const char *tmp1 = mct_copyinstr(firing, (uint64_t)rsi,
            9223372036854775807ll);
        if (firing->fault) {
            fault_place = 1;
            goto failed0;
        }
        mct_record_text(firing, tmp1, 256);
        if ((int64_t)rsi == 0) {
            fault_code = MCT_FAULT_DIVZERO;
            fault_value = 0;
            fault_place = 2;
            goto failed0;
        }
        *(int64_t *)(record0 + 24) = (int64_t)rsi == -1 ?
            -100ll : (100ll / (int64_t)rsi);
        firing->scratch_top = scratch_kept;
        if (!has_timestamp) {
            the_timestamp = mct_timestamp();
            has_timestamp = true;
        }
        mct_record_end(firing, (uint32_t)mct_value_0, the_timestamp);
        goto recorded0;
    failed0:;
        mct_record_abort(firing);
        mct_fault(firing, fault_code, fault_value, 0, mct_value_1,
            fault_place);
        fault_code = 0;
    recorded0:;
        mct_leave(firing);
    }
next:;
    NEXT;
}

// Not of the script: it keeps track of the program.
// At mctrace:vmlinux:exit:entry
SHAPE void mct_shape_4(ARGUMENTS) {
    {
        mct_thread_exit();
    }
    NEXT;
}

// Not of the script: it keeps track of the program.
// At mctrace:vmlinux:exit:entry
SHAPE void mct_shape_5(ARGUMENTS) {
    {
        mct_guard_mask(1);
    }
    NEXT;
}
