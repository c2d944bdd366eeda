/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands.
 *
 * To add one: write cli/cmd-NAME.c with a struct command at its end, add NAME
 * to cli/table.h, and write man/portolan-NAME.1.  Help, completion and the
 * test of the manual read the same rows.
 */
#pragma once

#include "base/file.h"
#include "base/vec.h"
#include "plan/plan.h"

/* The exit status.  The help and the tests use one table of texts. */
enum status {
	STATUS_WELL = 0,    /* success */
	STATUS_NO = 1,      /* the answer is no: something missing, surplus, closed, a lint error */
	STATUS_INPUT = 2,   /* the input is wrong, or was not understood completely */
	STATUS_MACHINE = 3, /* a system error: permission, network, disk, memory */
	N_STATUSES,
};
extern const char *const status_texts[N_STATUSES];

struct option_row {
	const char *name;     /* "format" for --format */
	char letter;          /* 'o' for -o; 0: none */
	const char *argument; /* "FORMAT"; NULL: takes none; "FILE...": the option may be given again */
	const char *choices;  /* "text json": the allowed values; NULL: any */
	const char *help;     /* one line */
};

/* What every command takes, after its own options; ends as those do. */
extern const struct option_row common_options[];

struct command;

/* The option of a command, or of every one, with this name or letter; NULL: there is none. */
const struct option_row *option_row_named(const struct command *c, struct str name);
const struct option_row *option_row_lettered(const struct command *c, char letter);

struct invocation;

/* An option with an argument, as it was given. */
struct option_value {
	const struct option_row *row;
	const char *text;
};

struct command {
	const char *name;
	const char *summary;                         /* one line, for the list */
	const char *arguments;                       /* "ESTATE... [FROM]" */
	const char *about;                           /* a paragraph for help */
	const struct option_row *options;            /* ends with a NULL name */
	unsigned least, most;                        /* operands */
	enum status (*run)(struct invocation *call); /* NULL: not in the program of this system */
};

/* Lists of commands end with NULL. */
const struct command *command_find(const struct command *const *commands, struct str name);

/* One call of a command. */
struct invocation {
	struct arena *arena;
	struct diag *diag;
	const struct command *const *commands; /* all of them, for help and completion */
	const struct command *command;
	const char **values; /* by option, the last; NULL: not given; "" for a flag */
	VEC(struct option_value) all;
	const char *const *operands;
	size_t n_operands;
	bool no_pager;
	bool quiet; /* --quiet: no notes, no progress, no lines of status */
	bool colour_out, colour_err;
	unsigned width; /* of standard output's terminal; 0: none */
};

/* The value of an option of this command; NULL when it was not given. */
const char *option(const struct invocation *call, const char *name);
bool option_given(const struct invocation *call, const char *name);

/* Every value of an option, in order; in the invocation's arena. */
const char *const *option_all(const struct invocation *call, const char *name, size_t *n);

/* The choice of --format; the first of its choices when not given. */
struct str option_format(const struct invocation *call);

/* Writes a result to --output in its --format.  False after a system error. */
bool invocation_write(struct invocation *call, void (*text)(void *answer, struct out *o),
		      void (*json)(void *answer, struct out *o), void *answer);

/* The catalogue of --catalogue, or the one that is built in.  NULL after errors. */
const struct catalogue *invocation_catalogue(struct invocation *call);

/*
 * The object of the catalogue that an option names, by one of its look-ups and with one of its lists
 * for a suggestion: -1 when the option is not given, or after an error ("there is no role ...").
 */
int option_named(struct invocation *call, const struct catalogue *c, const char *name, const char *what,
		 int (*find)(const struct catalogue *c, struct str id),
		 struct strs (*words)(struct arena *a, const struct catalogue *c));

/* Options that several commands share. */
#define OPTION_FORMAT(words)                                    \
	{                                                       \
		"format", 'f', "FORMAT", words, "output format" \
	}
#define OPTION_OUTPUT                                                                           \
	{                                                                                       \
		"output", 'o', "FILE", NULL, "write to FILE, which appears when it is complete" \
	}
#define OPTION_CATALOGUE                                                                                  \
	{                                                                                                 \
		"catalogue", 0, "DIR", NULL, "use the documents of a folder instead of the built-in ones" \
	}
#define OPTION_AS_DOCUMENTED                                                                                         \
	{                                                                                                            \
		"as-documented", 0, NULL, NULL, "ignore the errata: the documents as published, with their mistakes" \
	}
#define OPTIONS_END                       \
	{                                 \
		NULL, 0, NULL, NULL, NULL \
	}

/* The program: dispatches, prints the diagnostics, returns the status. */
int portolan_main(int argc, char **argv);
