BEGIN { x = $euid; }
