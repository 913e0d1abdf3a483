provider shop { p(); };
