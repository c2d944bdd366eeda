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
#include "plan/plan.h"

/* What a shell gets to see.  One table (status_texts) tells people and tests. */
enum status {
	STATUS_WELL = 0,	/* all is well */
	STATUS_NO = 1,		/* the answer is no: something missing, surplus, closed, a lint error */
	STATUS_INPUT = 2,	/* the input is wrong, or could not be understood completely */
	STATUS_MACHINE = 3,	/* the machine refused: permission, network, disk, memory */
	N_STATUSES,
};
extern const char *const status_texts[N_STATUSES];

struct option_row {
	const char *name;	/* "format" for --format */
	char letter;		/* 'o' for -o; 0: none */
	const char *argument;	/* "FORMAT"; NULL: takes none */
	const char *choices;	/* "text json": the words it may be; NULL: any */
	const char *help;	/* one line */
};

struct invocation;

struct command {
	const char *name;
	const char *summary;	/* one line, for the list */
	const char *arguments;	/* "ESTATE... [FROM]" */
	const char *about;	/* a paragraph for help */
	const struct option_row *options;	/* ends with a NULL name */
	unsigned least, most;	/* operands */
	enum status (*run)(struct invocation *call);
};

/* Lists of commands end with NULL. */
const struct command *command_find(const struct command *const *commands, struct str name);

/* One call of a command. */
struct invocation {
	struct arena *arena;
	struct diag *diag;
	const struct command *const *commands;	/* all of them, for help and completion */
	const struct command *command;
	const char **values;	/* by option; NULL: not given; "" for a flag */
	const char *const *operands;
	size_t n_operands;
	bool colour_out, colour_err;
	unsigned width;		/* of standard output's terminal; 0: none */
};

/* The value of an option of this command; NULL when it was not given. */
const char *option(const struct invocation *call, const char *name);
bool option_given(const struct invocation *call, const char *name);

/* The choice of --format; the first of its choices when not given. */
struct str option_format(const struct invocation *call);

/* Writes an answer to --output in its --format.  False when the machine refused. */
bool invocation_write(struct invocation *call, void (*text)(void *answer, struct out *o),
		      void (*json)(void *answer, struct out *o), void *answer);

/* The catalogue of --catalogue, or the one that is built in.  NULL after errors. */
const struct catalogue *invocation_catalogue(struct invocation *call);

/* Rows that several commands share. */
#define OPTION_FORMAT(words) { "format", 'f', "FORMAT", words, "how the answer is written" }
#define OPTION_OUTPUT { "output", 'o', "FILE", NULL, "write to FILE, which appears when it is complete" }
#define OPTION_CATALOGUE \
	{ "catalogue", 0, "DIR", NULL, "use the documents of a folder instead of those built in" }
#define OPTION_AS_DOCUMENTED \
	{ "as-documented", 0, NULL, NULL, "leave out the errata: what the documents say, with their mistakes" }
#define OPTIONS_END { NULL, 0, NULL, NULL, NULL }

/* The program: dispatches, prints what went wrong, returns the status. */
int portolan_main(int argc, char **argv);
