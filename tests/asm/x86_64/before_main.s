.include "canary.inc"
# The very first instruction of the program is a probe's.

begin t_work
    add eax, 0x12345
    ret
end t_work
test:
    run t_work
    ret

# >>> options -Z
# >>> script
# int order;
# pid$target:a.out:_start:entry { started = 1; order = order * 10 + 2; }
# BEGIN { order = order * 10 + 1; }
# pid$target:a.out:t_work:entry { order = order * 10 + 3; }
# END { order = order * 10 + 4; }
# >>> json
# {"order": 12334, "started": 1}


