int i; unsigned int u; long l; unsigned long ul; long long ll;
BEGIN { a = i + u; b = u + l; c = l + ul; d = ul + ll; e = 'a' + i; f = u < i; g = l > u; h = 1 << l; }
