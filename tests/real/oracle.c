// oracle.c: a program of many small functions for callgrind to count: a tree,
// sorting by callback, a hash table, a matcher, mutual and deep recursion.

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
    struct node *left, *right;
    unsigned key, count;
};

static unsigned next_random(unsigned *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static struct node *node_new(unsigned key) {
    struct node *node = calloc(1, sizeof *node);
    node->key = key;
    return node;
}

static struct node *insert(struct node *node, unsigned key) {
    if (!node)
        node = node_new(key);
    if (key < node->key)
        node->left = insert(node->left, key);
    else if (key > node->key)
        node->right = insert(node->right, key);
    else
        node->count++;
    return node;
}

static unsigned depth(const struct node *node) {
    if (!node)
        return 0;
    unsigned left = depth(node->left), right = depth(node->right);
    return 1 + (left > right ? left : right);
}

static void release(struct node *node) {
    if (node) {
        release(node->left);
        release(node->right);
        free(node);
    }
}

static int compare(const void *a, const void *b) {
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static int is_odd(unsigned n);
static int is_even(unsigned n) { return n == 0 ? 1 : is_odd(n - 1); }
static int is_odd(unsigned n) { return n == 0 ? 0 : is_even(n - 1); }

static int matches(const char *pattern, const char *text) {
    switch (*pattern) {
    case '\0': return *text == '\0';
    case '*':
        return matches(pattern + 1, text) ||
               (*text && matches(pattern, text + 1));
    case '?': return *text && matches(pattern + 1, text + 1);
    default: return *pattern == *text && matches(pattern + 1, text + 1);
    }
}

static double average(const unsigned *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

static unsigned hash(const char *text) {
    unsigned h = 2166136261u;
    while (*text)
        h = (h ^ (unsigned char)tolower((unsigned char)*text++)) * 16777619u;
    return h;
}

int main(void) {
    unsigned state = 1, values[500], hits = 0;
    struct node *root = NULL;
    for (size_t i = 0; i < 500; i++) {
        values[i] = next_random(&state) % 1000;
        root = insert(root, values[i]);
    }
    qsort(values, 500, sizeof *values, compare);
    char text[64];
    for (unsigned i = 0; i < 300; i++) {
        snprintf(text, sizeof text, "item %u of %x", values[i], hash("Item"));
        hits += (unsigned)matches("*te?*[0-9]*f*", text) +
                (unsigned)matches("item*of*", text) + (hash(text) & 1);
    }
    printf("%u %u %d %.3f\n", depth(root), hits, is_even(97),
           average(values, 500));
    release(root);
    return 0;
}
