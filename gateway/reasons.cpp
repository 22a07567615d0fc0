#include "gateway/reasons.hpp"

#include <algorithm>

namespace tally::gateway {

using link::CloseReason;

std::string snake_name(CloseReason reason) {
  std::string name{link::name_of(reason)};
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Reason terminal_reason(CloseReason reason) {
  switch (reason) {
    case CloseReason::kIdentityInUse:
      return {"identity_in_use",
              "另一台终端正以同一身份连接。",
              "Another terminal is connected under this identity.",
              "请检查是否有设备使用了复制的存储卡；其中一台需要重新登记。",
              "Look for a copied card; one of the two must be enrolled again."};
    case CloseReason::kIncarnationRetired:
      return {"incarnation_retired",
              "这台终端已重新登记，旧的登记不再有效。",
              "This terminal was enrolled again; its old enrolment no longer counts.",
              "请停用旧设备或旧存储卡。",
              "Take the old device or card out of use."};
    case CloseReason::kIdentityMismatch:
      return {"identity_mismatch",
              "终端自报的身份与证书不符，或不属于本店。",
              "The terminal is not who its certificate says, or not of this store.",
              "请重新登记这台终端。",
              "Enrol the terminal again."};
    case CloseReason::kUnsupportedVersion:
      return {"unsupported_version",
              "终端与网关的软件版本不能互通。",
              "Terminal and gateway speak no common version.",
              "请升级版本较旧的一方。",
              "Update the older of the two."};
    case CloseReason::kFrameTooLarge:
      return {"frame_too_large",
              "收到过大的数据帧。",
              "A frame was too large.",
              "请检查这台设备；若反复出现请联系技术员。",
              "Check the device; call a technician if it happens again."};
    case CloseReason::kFrameMalformed:
      return {"frame_malformed",
              "收到无法识别的数据。",
              "Something arrived that is not of this protocol.",
              "请检查这台设备；若反复出现请联系技术员。",
              "Check the device; call a technician if it happens again."};
    case CloseReason::kUnknownMessage:
      return {"unknown_message",
              "收到未知类型的消息。",
              "A message of an unknown kind arrived.",
              "请升级网关软件。",
              "Update the gateway."};
    case CloseReason::kUnexpectedMessage:
      return {"unexpected_message",
              "消息出现在不该出现的时刻。",
              "A message arrived that has no place at that point.",
              "请检查这台设备；若反复出现请联系技术员。",
              "Check the device; call a technician if it happens again."};
    case CloseReason::kHandshakeTimeout:
      return {"handshake_timeout",
              "连接后没有按时报到。",
              "It connected but did not say hello in time.",
              "请检查网络质量。",
              "Check the network."};
    case CloseReason::kIdleTimeout:
      return {"idle_timeout",
              "长时间没有回应。",
              "It did not answer for too long.",
              "请检查终端电源和网络。",
              "Check the terminal's power and network."};
    case CloseReason::kOverloaded:
      return {"overloaded",
              "网关来不及处理，稍后会自动重连。",
              "The gateway could not keep up; it will connect again.",
              "若持续出现请联系技术员。",
              "Call a technician if it lasts."};
    case CloseReason::kRecordRefused:
      return {"record_refused",
              "终端送来的记录不能接收。",
              "The terminal sent a record that cannot be taken.",
              "请联系技术员，不要清除终端数据。",
              "Call a technician; do not erase the terminal."};
    case CloseReason::kRevoked:
      return {"revoked",
              "这台终端的证书已被吊销。",
              "The terminal's certificate was revoked.",
              "请联系总部。",
              "Ask the office."};
    case CloseReason::kStorageFailed:
      return {"storage_failed",
              "网关磁盘拒绝写入，暂停接收。",
              "The gateway's disk refuses to write; nothing is accepted for now.",
              "请检查磁盘空间，必要时更换存储。",
              "Check disk space; replace the disk if need be."};
    case CloseReason::kShutdown:
      break;
  }
  return {"shutdown",
          "连接已正常结束。",
          "The connection ended normally.",
          "无需处理。",
          "Nothing to do."};
}

Reason handshake_reason(const Error& cause) {
  switch (cause.code) {
    case Errc::kDenied:
      return {"certificate_refused",
              "对方没有出示本系统签发的有效证书。",
              "The peer showed no valid certificate of ours.",
              "如果是新终端，请先登记；若证书过期请续期。",
              "Enrol it first if it is a new terminal; renew an expired certificate."};
    case Errc::kInvalid:
      return {"not_tls",
              "对方使用的不是本系统的连接协议。",
              "The peer does not speak this link's protocol.",
              "请检查是谁在连接这个端口。",
              "Find out who connects to this port."};
    case Errc::kUnsupported:
      return {"unsupported_tls",
              "对方的加密版本不受支持。",
              "There is no common version of TLS.",
              "请升级这台设备。",
              "Update that device."};
    default:
      return {"handshake_failed",
              "连接在身份验证之前中断。",
              "The connection broke before the peer had identified itself.",
              "若反复出现请检查网络。",
              "Check the network if it happens again."};
  }
}

Reason uplink_reason(CloseReason reason) {
  switch (reason) {
    case CloseReason::kIdentityInUse:
      return {"identity_in_use",
              "另一台网关正以本机身份连接总部。",
              "Another gateway is connected to the office under this identity.",
              "请检查是否有复制的存储；其中一台需要重新登记。",
              "Look for a copied disk; one of the two must be enrolled again."};
    case CloseReason::kIncarnationRetired:
      return {"incarnation_retired",
              "本机的登记已被新的登记取代。",
              "This box's enrolment was replaced by a newer one.",
              "请重新登记本机，或停用本机。",
              "Enrol this box again, or take it out of use."};
    case CloseReason::kIdentityMismatch:
    case CloseReason::kRevoked:
      return {"identity_refused",
              "总部不承认本机的身份。",
              "The office does not accept this box's identity.",
              "请联系总部重新登记。",
              "Ask the office to enrol it again."};
    case CloseReason::kUnsupportedVersion:
      return {"unsupported_version",
              "本机与总部的软件版本不能互通。",
              "This box and the office speak no common version.",
              "请升级本机软件。",
              "Update this box."};
    case CloseReason::kStorageFailed:
      return {"storage_failed",
              "总部服务器暂时无法写入。",
              "The office's server cannot write for now.",
              "记录保存在本机，会自动续传。",
              "Records stay here and follow by themselves."};
    case CloseReason::kOverloaded:
      return {"overloaded",
              "总部服务器繁忙。",
              "The office's server is busy.",
              "记录保存在本机，会自动续传。",
              "Records stay here and follow by themselves."};
    case CloseReason::kShutdown:
      return {"office_stopped",
              "总部服务器正在重启。",
              "The office's server is restarting.",
              "记录保存在本机，会自动续传。",
              "Records stay here and follow by themselves."};
    default:
      return {"link_broken",
              "与总部的连接因协议错误中断。",
              "The link to the office broke on a protocol error.",
              "若持续出现请联系技术员。",
              "Call a technician if it lasts."};
  }
}

Reason uplink_reason(const Error& cause) {
  switch (cause.code) {
    case Errc::kDenied:
      return {"certificate_refused",
              "与总部互验证书失败。",
              "This box and the office do not accept each other's certificates.",
              "请核对本机时间、总部地址和登记。",
              "Check this box's clock, the office's address and the enrolment."};
    case Errc::kTimeout:
      return {"timeout",
              "总部没有按时应答。",
              "The office did not answer in time.",
              "请检查外网连接。",
              "Check the connection to the internet."};
    case Errc::kNotFound:
      return {"name_unknown",
              "找不到总部的地址。",
              "The office's name is not known.",
              "请检查域名设置和外网连接。",
              "Check the name and the connection to the internet."};
    case Errc::kInvalid:
    case Errc::kUnsupported:
      return {"not_tls",
              "对方不是总部的服务器。",
              "Whoever answers is not the office's server.",
              "请核对总部地址和端口。",
              "Check the office's address and port."};
    default:
      return {"unreachable",
              "连接不到总部。",
              "The office cannot be reached.",
              "请检查外网连接；记录保存在本机，会自动续传。",
              "Check the connection to the internet; records stay here and follow by themselves."};
  }
}

}  // namespace tally::gateway
