#pragma D option grabanon
BEGIN { }
