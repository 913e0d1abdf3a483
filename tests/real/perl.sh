# Debian's perl: an interpreter, static libperl, longjmp.
. "$TOP/tests/lib.sh"
need perl
program=$(realpath "$(command -v perl)")
everything "$program"
cat >work.pl <<'END'
use strict; use warnings;
my %count; my $n = 27; my $steps = 0;
while ($n != 1) { $n = $n % 2 ? 3 * $n + 1 : $n / 2; $steps++; $count{$n % 7}++ }
print join(",", map { "$_=$count{$_}" } sort keys %count), " $steps\n";
my $s = "the quick brown fox" x 50; (my $t = $s) =~ s/(\w+) (\w+)/$2 $1/g;
print length($t), " ", scalar(() = $t =~ /o/g), "\n";
eval { die { code => 5 } }; print "caught $@->{code}\n";
eval { my @a = (1); my $x = $a[5] + 0; 1 / 0 }; print $@;
printf "%.10f %s\n", atan2(1, 1) * 4, sprintf("%x", 255);
print join(" ", sort { $a <=> $b } map { $_ * 7 % 31 } 1 .. 30), "\n";
if (my $pid = fork) { waitpid $pid, 0; print $? >> 8, "\n" } else { exit 9 }
print `echo from a child`; exit 3;
END
same program "$program" work.pl
same one "$program" -ne 'print if /perl/' work.pl
same error "$program" -e 'use strict; $x = 1;'
counted 10000
