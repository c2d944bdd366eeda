# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Writes the policies of authority.psd1 into a Group Policy object, as its registry values.

.DESCRIPTION
The same values as the Group Policy editor writes for "Certificate Services Client - Certificate Enrollment Policy" and
"Certificate Services Client - Auto-Enrollment", for computers.

Clients that find policies in Group Policy use these alone.  Members of a domain that enrol with AD CS too need the
"Active Directory Enrollment Policy" in the same list: add it in the editor.

.EXAMPLE
.\group-policy.ps1 -Name 'Enrolment'
#>
#Requires -Version 5.1
#Requires -Modules GroupPolicy
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $Name)
$ErrorActionPreference = 'Stop'

$cryptography = 'HKLM\SOFTWARE\Policies\Microsoft\Cryptography'
$authority = Import-PowerShellDataFile (Join-Path $PSScriptRoot 'authority.psd1')

function Set-Value($Key, $ValueName, $Type, $Value) {
    Set-GPRegistryValue -Name $Name -Key "$cryptography\$Key" -ValueName $ValueName -Type $Type -Value $Value | Out-Null
}

# Enrol, renew, and remove what is revoked or expired.
Set-Value 'AutoEnrollment' 'AEPolicy' DWord 7
Set-Value 'PolicyServers' 'Flags' DWord 0
foreach ($policy in $authority.Policies) {
    $key = "PolicyServers\$($policy.Key)"
    Set-Value $key 'URL' String $policy.Url
    Set-Value $key 'PolicyID' String $authority.PolicyId
    Set-Value $key 'FriendlyName' String $authority.FriendlyName
    # 0x10: for autoenrolment too
    Set-Value $key 'Flags' DWord 0x10
    # 4: user name and password; 8: client certificate
    Set-Value $key 'AuthFlags' DWord $(if ($policy.Login -eq 'Password') { 4 } else { 8 })
    Set-Value $key 'Cost' DWord $policy.Priority
}
