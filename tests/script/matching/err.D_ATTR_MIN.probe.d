// System calls are not that stable, nor is what they pass.
#pragma D option amin=Evolving/Evolving/ISA
syscall:::entry { @ = count(); }
syscall::read:entry { @ = count(); }
dtrace:::BEGIN { x = arg0; }
