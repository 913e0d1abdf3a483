BEGIN { x = `nowhere; }
