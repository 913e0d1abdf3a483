// Distributions, as JSON and as dtrace(1) prints them.
#include "scenario.h"

PROBED long work(long n) { return n; }

int main(void) {
    for (long i = 0; i < 10; i++)
        work(i);
    return 0;
}
// >>> script
// pid$target:a.out:work:entry { @ = quantize(arg0); }
// >>> json
// {"@": [{"min": 0, "max": 0, "count": 1}, {"min": 1, "max": 1, "count": 1},
//        {"min": 2, "max": 3, "count": 2}, {"min": 4, "max": 7, "count": 4},
//        {"min": 8, "max": 15, "count": 2}]}
// >>> text
//
//            value  ------------- Distribution ------------- count    
//               -1 |                                         0        
//                0 |@@@@                                     1        
//                1 |@@@@                                     1        
//                2 |@@@@@@@@                                 2        
//                4 |@@@@@@@@@@@@@@@@                         4        
//                8 |@@@@@@@@                                 2        
//               16 |                                         0        
