// More added code than a call leads across: copies of a clause, of some
// kilobytes each, which call functions that lie in front of all of them, and
// functions that lie behind them all, which are called from there.
#include "scenario.h"

#include <stdio.h>

__asm__(".text\n"
        ".macro filler\n"
        ".type filler_\\@, %function\n"
        "filler_\\@:\n"
        ".rept 5\n"
        "add r0, r0, #1\n"
        ".endr\n"
        "bx lr\n"
        ".size filler_\\@, . - filler_\\@\n"
        ".endm\n"
        ".thumb\n"
        ".global first, last\n"
        ".type first, %function\n"
        "first: add r0, r0, #3\n"
        "add r0, r0, r1\n"
        "add r0, r0, #5\n"
        "bx lr\n"
        ".size first, . - first\n"
        ".rept 900\n"
        "filler\n"
        ".endr\n"
        ".type last, %function\n"
        "last: add r0, r0, #3\n"
        "add r0, r0, r1\n"
        "add r0, r0, #5\n"
        "bx lr\n"
        ".size last, . - last\n");

long first(long a, long b), last(long a, long b);

int main(void) {
    long sum = 0;
    for (long i = 0; i < 10; i++) {
        sum += first(i, 2);
        if (i < 5)
            sum += last(i, 1);
    }
    printf("%ld\n", sum);
    return 0;
}
// >>> builds
// static-arm
// >>> options
// -x cpp --call-above=1000000 --strict
// >>> script
// #define ONE @many[probefunc, arg0 & 1] = lquantize(arg1, 0, 4);
// #define TEN ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE
// BEGIN { @ends["begin"] = count(); }
// pid$target:a.out:filler*:entry, pid$target:a.out:filler*:return,
// pid$target:a.out:first:entry, pid$target:a.out:first:return,
// pid$target:a.out:last:entry, pid$target:a.out:last:return
// {
//     TEN TEN TEN TEN TEN TEN
//     @[probefunc, probename] = count();
// }
// END { @ends["end"] = count(); }
// >>> text
//
//   begin                                                             1
//   end                                                               1
//   last                                                              1
//            value  ------------- Distribution ------------- count    
//                0 |                                         0        
//                1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 120      
//                2 |                                         0        
//
//   first                                                             1
//            value  ------------- Distribution ------------- count    
//                1 |                                         0        
//                2 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 300      
//                3 |                                         0        
//
//   last                                                              0
//            value  ------------- Distribution ------------- count    
//                0 |                                         0        
//                1 |@@@@@@@@@@@@@@@                          180      
//                2 |                                         0        
//                3 |                                         0        
//             >= 4 |@@@@@@@@@@@@@@@@@@@@@@@@@                300      
//
//   first                                                             0
//            value  ------------- Distribution ------------- count    
//                1 |                                         0        
//                2 |@@@@@@@@@@@@@                            300      
//                3 |                                         0        
//             >= 4 |@@@@@@@@@@@@@@@@@@@@@@@@@@@              600      
//
//   last                                                entry                                                             5
//   last                                                return                                                            5
//   first                                               entry                                                            10
//   first                                               return                                                           10
