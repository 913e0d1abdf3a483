#pragma D option linktype=dof
BEGIN { x = 1; }
