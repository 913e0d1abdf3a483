.include "canary.inc"
# Blocks of two bytes, each a target: one window covers the three, and grows
# over the return behind them when that is reached. Branches that were sent to
# it are sent again. They stay where they are, as what ends the window of the
# instruction before them; room for islands is too far away.

    .data
    .quad l1, l2, l3, l4
    .text

begin t_grows
    mov edx, 1
    {disp32} jz s
l1: mov edx, 2
    {disp32} jc t
l2: mov edx, 3
    {disp32} jo x
l3: mov edx, 4
    {disp32} js u
l4: mov edx, 5
    {disp32} jmp s
    .fill 200, 1, 6
s:  inc eax
t:  inc edx
u:  inc ecx
x:  ret
end t_grows

test:
    run t_grows
    ret
