/* SPDX-License-Identifier: Apache-2.0 */
#include "report/xlsx-library.h"

#ifdef XLSX_LINKED

/* A program that can load nothing has the library in it. */
bool xlsx_open(struct xlsx_library *library, struct diag *d)
{
#define XLSX_TAKE(name) library->name = name;
	XLSX_FUNCTIONS(XLSX_TAKE)
#undef XLSX_TAKE
	return true;
}

void xlsx_close(struct xlsx_library *library)
{
}

#else

#include <dlfcn.h>
#include <errno.h>

/* The soname that a linked program would load; the build looks it up. */
#ifndef XLSX_LIBRARY
#define XLSX_LIBRARY "libxlsxwriter.so"
#endif

static bool find(struct xlsx_library *library, const char *name, void *into)
{
	void *f = dlsym(library->handle, name);
	/* a pointer to a function is as large as one to data (POSIX.1-2017, dlsym) */
	memcpy(into, &f, sizeof f);
	return f != NULL;
}

bool xlsx_open(struct xlsx_library *library, struct diag *d)
{
	*library = (struct xlsx_library){ .handle = dlopen(XLSX_LIBRARY, RTLD_NOW | RTLD_LOCAL) };
	if (!library->handle)
		return diag_machine(d, ENOENT, "workbooks need the library %s", XLSX_LIBRARY);
	bool all = true;
#define XLSX_FIND(name) all &= find(library, #name, &library->name);
	XLSX_FUNCTIONS(XLSX_FIND)
#undef XLSX_FIND
	if (all)
		return true;
	xlsx_close(library);
	return diag_machine(d, ENOSYS, "the library %s is too old for workbooks", XLSX_LIBRARY);
}

void xlsx_close(struct xlsx_library *library)
{
	if (library->handle)
		dlclose(library->handle);
	library->handle = NULL;
}
#endif
