#pragma D option define=A
BEGIN { }
