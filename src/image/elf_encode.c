// elf_encode.c: structures of ELF as bytes, in the class and order of the
// file they go into. Fields of 32 and 64 bits stand in different orders.

#include "image/elf_file.h"

static bool is_wide(const struct elf_file *elf) {
    return elf->word == 8;
}

size_t elf_header_len(const struct elf_file *elf) {
    return is_wide(elf) ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

size_t elf_segment_len(const struct elf_file *elf) {
    return is_wide(elf) ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

size_t elf_section_len(const struct elf_file *elf) {
    return is_wide(elf) ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

size_t elf_symbol_len(const struct elf_file *elf) {
    return is_wide(elf) ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

void elf_put_word(const struct elf_file *elf, uint64_t value,
                  struct bytes *out) {
    if (is_wide(elf))
        bytes_u64(out, value);
    else
        bytes_u32(out, (uint32_t)value);
}

size_t elf_reloc_len(const struct elf_file *elf) {
    return is_wide(elf) ? sizeof(Elf64_Rela) : sizeof(Elf32_Rela);
}

void elf_put_reloc(const struct elf_file *elf, const struct image_reloc *reloc,
                   struct bytes *out) {
    elf_put_word(elf, reloc->va, out);
    elf_put_word(elf, reloc->type, out);
    elf_put_word(elf, reloc->value, out);
}

void elf_put_header(const struct elf_file *elf, const GElf_Ehdr *header,
                    struct bytes *out) {
    bytes_add(out, header->e_ident, EI_NIDENT);
    bytes_u16(out, header->e_type);
    bytes_u16(out, header->e_machine);
    bytes_u32(out, header->e_version);
    elf_put_word(elf, header->e_entry, out);
    elf_put_word(elf, header->e_phoff, out);
    elf_put_word(elf, header->e_shoff, out);
    bytes_u32(out, header->e_flags);
    bytes_u16(out, header->e_ehsize);
    bytes_u16(out, header->e_phentsize);
    bytes_u16(out, header->e_phnum);
    bytes_u16(out, header->e_shentsize);
    bytes_u16(out, header->e_shnum);
    bytes_u16(out, header->e_shstrndx);
}

void elf_put_segment(const struct elf_file *elf, const GElf_Phdr *segment,
                     struct bytes *out) {
    bytes_u32(out, segment->p_type);
    if (is_wide(elf))
        bytes_u32(out, segment->p_flags);
    elf_put_word(elf, segment->p_offset, out);
    elf_put_word(elf, segment->p_vaddr, out);
    elf_put_word(elf, segment->p_paddr, out);
    elf_put_word(elf, segment->p_filesz, out);
    elf_put_word(elf, segment->p_memsz, out);
    if (!is_wide(elf))
        bytes_u32(out, segment->p_flags);
    elf_put_word(elf, segment->p_align, out);
}

void elf_put_section(const struct elf_file *elf, const GElf_Shdr *section,
                     struct bytes *out) {
    bytes_u32(out, section->sh_name);
    bytes_u32(out, section->sh_type);
    elf_put_word(elf, section->sh_flags, out);
    elf_put_word(elf, section->sh_addr, out);
    elf_put_word(elf, section->sh_offset, out);
    elf_put_word(elf, section->sh_size, out);
    bytes_u32(out, section->sh_link);
    bytes_u32(out, section->sh_info);
    elf_put_word(elf, section->sh_addralign, out);
    elf_put_word(elf, section->sh_entsize, out);
}

void elf_put_symbol(const struct elf_file *elf, const GElf_Sym *symbol,
                    struct bytes *out) {
    bytes_u32(out, symbol->st_name);
    if (!is_wide(elf)) {
        bytes_u32(out, (uint32_t)symbol->st_value);
        bytes_u32(out, (uint32_t)symbol->st_size);
    }
    bytes_u8(out, symbol->st_info);
    bytes_u8(out, symbol->st_other);
    bytes_u16(out, symbol->st_shndx);
    if (is_wide(elf)) {
        bytes_u64(out, symbol->st_value);
        bytes_u64(out, symbol->st_size);
    }
}
