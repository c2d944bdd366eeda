/* SPDX-License-Identifier: Apache-2.0 */
/* Renewal by itself: waits for the window, renews, runs the operator's command. */
#pragma once

#include "cli/command.h"
#include "enrol/enrol.h"

enum status enrol_daemon(struct invocation *call, struct enrol_call *enrol);
