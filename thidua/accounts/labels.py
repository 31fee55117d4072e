"""Vietnamese words of this app's verbs and fields, as the history panel shows them."""

VERBS = {
    "accounts.create_user": "lập tài khoản",
    "accounts.update_profile": "sửa thông tin cá nhân",
    "accounts.change_password": "đổi mật khẩu",
    "accounts.sign_in": "đăng nhập",
    "accounts.sign_out": "đăng xuất",
    "accounts.sign_in_failed": "đăng nhập không thành công",
    "accounts.add_second_factor": "thêm bước xác thực thứ hai",
    "accounts.remove_second_factor": "bỏ bước xác thực thứ hai",
    "accounts.reset_second_factor": "tạo lại mã dự phòng",
}
FIELDS = {
    "username": "tên đăng nhập",
    "full_name": "họ tên",
    "title": "chức vụ",
    "phone": "điện thoại",
    "email": "thư điện tử",
    "is_active": "được đăng nhập",
    "kind": "cách xác thực",
    "method": "cách xác thực",
    "ip": "địa chỉ máy",
    "browser": "trình duyệt",
}
