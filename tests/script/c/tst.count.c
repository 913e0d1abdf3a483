// --- what is filled in, site by site ---

extern HIDDEN uint64_t mct_slot_0[];
extern HIDDEN uint64_t mct_slot_1[];

// --- shapes ---

// Shape 0: the clause of line 2, for sites at which it comes to this.
//
//     pid$target:a.out:work:entry, pid$target:a.out:leaf:entry
//     {
//         @[probefunc] = count();
//         @sizes = lquantize(arg0, 0, 100, 10);
//     }
//
// At pid:a.out:work:entry, pid:a.out:leaf:entry
SHAPE void mct_shape_0(ARGUMENTS) {
    {
        // @[probefunc] = count()
        mct_agg_count(mct_slot_0, 0, 1, 0, 0, 0, 0);
        // @sizes = lquantize(arg0, 0, 100, 10)
        mct_agg_lquantize(mct_slot_1, (uint64_t)rdi, 1, 0, 100, 10, 0);
    }
    NEXT;
}
