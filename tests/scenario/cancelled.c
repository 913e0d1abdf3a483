// Distributions whose increments add up to nothing were updated all the same,
// and are shown; those that were not are not.
#include "scenario.h"

PROBED long weigh(long value, long increment) { return value + increment; }

int main(void) {
    long sum = 0;
    for (long i = 1; i < 4; i++)
        sum += weigh(i, 5) + weigh(i, -5);
    return sum + weigh(3, 0) + weigh(7, 2) != 24;
}
// >>> script
// pid$target:a.out:weigh:entry { @[arg0] = quantize(arg0, (long)arg1); }
// pid$target:a.out:weigh:entry /arg0 < 4/ {
//     @fixed = lquantize(arg0, 0, 10, 5, (long)arg1);
//     @nothing = llquantize(arg0, 10, 0, 1, 10, 0);
//     @twice = quantize(2, 1);
//     @twice = quantize(2, -1);
// }
// pid$target:a.out:weigh:entry /arg0 > 99/ {
//     @never[arg0] = quantize(arg0, (long)arg1);
// }
// pid$target:a.out:weigh:entry /arg0 > 99/ { @no = quantize(arg0, -1); }
// >>> text
//
//                 1
//            value  ------------- Distribution ------------- count
//               -1 |                                         0
//                0 |                                         0
//                1 |                                         0
//
//                 2
//            value  ------------- Distribution ------------- count
//               -1 |                                         0
//                0 |                                         0
//                1 |                                         0
//
//                 3
//            value  ------------- Distribution ------------- count
//               -1 |                                         0
//                0 |                                         0
//                1 |                                         0
//
//                 7
//            value  ------------- Distribution ------------- count
//                2 |                                         0
//                4 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@ 2
//                8 |                                         0
//
//
//            value  ------------- Distribution ------------- count
//              < 0 |                                         0
//                0 |                                         0
//                5 |                                         0
//
//
//            value  ------------- Distribution ------------- count
//                0 |                                         0
//                1 |                                         0
//                2 |                                         0
//
//
//            value  ------------- Distribution ------------- count
//               -1 |                                         0
//                0 |                                         0
//                1 |                                         0
