// arm_virt.h: qemu's board `virt` of ARM with a processor of 32 bits: a PL011 at
// 0x9000000.

#include "aarch64_virt.h"
