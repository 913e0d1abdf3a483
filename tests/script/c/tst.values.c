// --- what is filled in, site by site ---

extern HIDDEN const char mct_texts[];
extern HIDDEN const uint64_t mct_value_0;

// --- the script's variables ---

#define global_narrow (*(int8_t *)(mct_region + 320))
#define global_plain (*(uint32_t *)(mct_region + 324))
#define global_wide (*(int64_t *)(mct_region + 328))
#define global_name ((char *)(mct_region + 336))
#define this_both (*(int32_t *)((uint8_t *)firing + 256))
#define self_last (*(int32_t *)((uint8_t *)thread + 512))

// --- shapes ---

// Shape 0: the clause of line 7, for sites at which it comes to this.
//
//     BEGIN
//     {
//         narrow = 100;
//     }
//
// At dtrace:::BEGIN
SHAPE void mct_shape_0(ARGUMENTS) {
    {
        // narrow = 100
        global_narrow = 100;
    }
    NEXT;
}

// Shape 1: the clause of line 12, for sites at which it comes to this.
//
//     pid$target:a.out:work:entry
//     /arg0 > 2 && arg1 != -1/
//     {
//         narrow += 100;
//         plain = (plain << (arg0 & 7)) - 1;
//         wide = wide + (wide = arg1) / (arg0 - 1);
//         wide = -wide % 7 ^ ~wide;
//         name = probefunc > "leaf" ? strjoin(name, "* /") : name;
//         this->both = arg0 == 3 || wide++ > 5;
//         self->last = this->both;
//     }
//
// At pid:a.out:work:entry
SHAPE void mct_shape_1(ARGUMENTS) {
    {
        uint64_t fault_code = 0, fault_value = 0, fault_place = 0;
        uint8_t *scratch_kept;
        if (!(((int64_t)rdi > 2) && ((int64_t)rsi != (-1ll)))) {
            goto next;
        }
        struct mct_firing *firing = mct_enter(1);
        if (!firing) {
            goto next;
        }
        struct mct_thread *thread = firing->thread;
        scratch_kept = firing->scratch_top;
        *(uint64_t *)((uint8_t *)firing + 256) = 0;
        // narrow += 100
        global_narrow = (int8_t)((int32_t)global_narrow + 100);
        // plain = (plain << (arg0 & 7)) - 1
        global_plain = (global_plain << (((int64_t)rdi & 7) & 31)) - 1;
        // wide = wide + (wide = arg1) / (arg0 - 1)
        int64_t tmp1 = global_wide;
        global_wide = (int64_t)rsi;
        int64_t tmp2 = (int64_t)rdi - 1;
        if (tmp2 == 0) {
            fault_code = MCT_FAULT_DIVZERO;
            fault_value = 0;
            fault_place = 1;
            goto failed;
        }
        global_wide = tmp1 + (tmp2 == -1 ?
            -(int64_t)rsi : ((int64_t)rsi / tmp2));
        // wide = -wide % 7 ^ ~wide
        global_wide = ((-global_wide) % 7ll) ^ (~global_wide);
        // name = probefunc > "leaf" ? strjoin(name, "* /") : name
        const char *tmp3 = mct_strjoin(firing, global_name[257] ?
            (const char *)global_name : 0, mct_texts + 10 /* "* /" */);
        if (firing->fault) {
            fault_place = 2;
            goto failed;
        }
        mct_string_assign((char *)global_name, tmp3, 258);
        firing->scratch_top = scratch_kept;
        // this->both = arg0 == 3 || wide++ > 5
        int32_t tmp4 = ((int64_t)rdi == 3) != 0;
        if (!tmp4) {
            int64_t tmp5 = global_wide + 1;
            global_wide = tmp5;
            tmp4 = ((tmp5 - 1) > 5) != 0;
        }
        this_both = tmp4;
        // self->last = this->both
        self_last = this_both;
        goto leave;
    failed:;
        mct_fault(firing, fault_code, fault_value, 1, mct_value_0,
            fault_place);
        fault_code = 0;
    leave:;
        mct_leave(firing);
    }
next:;
    NEXT;
}

// Shape 2: the clause of line 24, for sites at which it comes to this.
//
//     pid$target:a.out:work:return
//     /self->last/
//     {
//         @["returned", arg1 & 0xff] = sum(self->last);
//         self->last = 0;
//     }
//
// At pid:a.out:work:return
SHAPE void mct_shape_2(ARGUMENTS) {
    register uintptr_t in_rax __asm__("rax");
    __asm__ volatile("" : "+r"(in_rax) : : "memory");
    uintptr_t rax = in_rax;
    {
        uint8_t *scratch_kept;
        uint64_t key1[2];
        struct mct_firing *firing = mct_enter(1);
        if (!firing) {
            goto next;
        }
        struct mct_thread *thread = firing->thread;
        scratch_kept = firing->scratch_top;
        *(uint64_t *)((uint8_t *)firing + 256) = 0;
        if (!self_last) {
            goto out;
        }
        // @["returned", arg1 & 0xff] = sum(self->last)
        key1[0] = (uint64_t)((mct_texts + 1 /* "returned" */) - mct_texts);
        key1[1] = (uint64_t)((int64_t)rax & 255);
        uint64_t *cells2 =
            mct_agg_find_quickly((struct mct_table *)(mct_region + 640), key1,
            2, 0x200020010ull);
        if (cells2) {
            mct_agg_sum(cells2, (uint64_t)self_last, 1, 0, 0, 0, 0);
        }
        firing->scratch_top = scratch_kept;
        // self->last = 0
        self_last = 0;
    out:;
        mct_leave(firing);
    }
next:;
    NEXT;
}
