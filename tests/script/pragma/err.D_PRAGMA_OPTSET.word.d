#pragma D option bufpolicy=maybe
BEGIN { x = 1; }
