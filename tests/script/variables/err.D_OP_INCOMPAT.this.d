BEGIN { this->x = 5; }
END { this->x = "text"; }
