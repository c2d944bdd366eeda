/* SPDX-License-Identifier: Apache-2.0 */
#include "base/build-id.h"

#include <link.h>
#include <sys/auxv.h>

#include "base/pack.h"

struct finder {
	struct out *ids;
	bool lacks;
};

static size_t padded(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/* The build id among the notes of a segment (ELF, "Note Section"). */
static bool find_note(const char *p, size_t n, size_t to, struct out *ids)
{
	ElfW(Nhdr) note;
	while (n >= sizeof note) {
		memcpy(&note, p, sizeof note);
		size_t name = sizeof note, id = padded(name + note.n_namesz, to), end = padded(id + note.n_descsz, to);
		if (id + note.n_descsz > n)
			return false;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof "GNU" &&
		    memcmp(p + name, "GNU", sizeof "GNU") == 0) {
			pack_bytes(ids, (struct str){ p + id, note.n_descsz });
			return note.n_descsz > 0;
		}
		p += MIN(end, n);
		n -= MIN(end, n);
	}
	return false;
}

static int look_at(struct dl_phdr_info *object, size_t size, void *ctx)
{
	struct finder *f = ctx;
	bool found = false;
	/* the vDSO, which the kernel maps into every program, does not affect results */
	if (object->dlpi_addr && object->dlpi_addr == getauxval(AT_SYSINFO_EHDR))
		return 0;
	for (size_t i = 0; i < object->dlpi_phnum && !found; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		if (segment->p_type == PT_NOTE)
			found = find_note((const char *)(object->dlpi_addr + segment->p_vaddr), segment->p_memsz,
					  segment->p_align == 8 ? 8 : 4, f->ids);
	}
	f->lacks |= !found;
	return 0;
}

bool build_id(struct out *ret)
{
	struct finder f = { .ids = ret };
	dl_iterate_phdr(look_at, &f);
	return !f.lacks && ret->n;
}
