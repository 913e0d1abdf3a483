provider shop2 { probe p(); };
