// Also of another buffer; a condition begins anew.
BEGIN { if (arg0) { commit(1); } else { commit(2); } }
BEGIN { commit(1); x = 1; commit(2); }
