#pragma D option disasm=3
BEGIN { }
