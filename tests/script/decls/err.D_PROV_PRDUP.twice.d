provider shop { probe p(); probe p(int); };
