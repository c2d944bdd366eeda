/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Posture: weak settings of services that serve, which cost connections of their own to see.
 *
 * Each question repeats the exchange of a result in a weaker form: with old versions of TLS alone, Remote Desktop
 * without CredSSP, Kerberos with RC4 alone.  What the server says becomes evidence, and advice where it is weak.
 * Without a reply that decides, the evidence is "unknown": silence and a closed connection show nothing.
 */
#pragma once

#include "probe/tasks.h"

/*
 * Asks about results that serve and are not stand-ins, and adds to their evidence and advice.  principal: whose RC4
 * is asked for; empty: nobody's.  False after an error in *why: the machine refused.
 */
bool posture_ask(struct arena *a, const struct probe_tasks *tasks, struct str principal,
		 const struct engine_options *options, struct probe_result *results, struct str *why);
